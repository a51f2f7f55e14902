"""The wording by which English and some Spanish news says how something is known.

Each entry is a regular expression over a sentence on one line, with straight quotes. Case is ignored, except where
names are searched for. Gaps are bounded, so that a search takes time in proportion to the text.
"""

from __future__ import annotations


def _any_case(pattern: str) -> str:
    return rf"(?i:\b(?:{pattern})\b)"


_SAY = (
    r"(?i:said|says|saying|told(?! (?:to|by|that)\b)|tells|adds|added|stated|(?-i:states)|wrote|writes|confirm(?:s|ed)|"
    r"den(?:y|ies|ied)|acknowledg(?:es|ed)|announc(?:es|ed)|explain(?:s|ed)|insist(?:s|ed)|argue[sd]?|note[sd]|"
    r"admit(?:s|ted)|recall(?:s|ed)|replie[sd]|disput(?:es|ed)|dismiss(?:es|ed)|reject(?:s|ed)|reported|"
    r"reports(?= that\b)|testif(?:ies|ied)|"
    r"dij[oe]|dijeron|afirm[óa]|declar[óa]|señal[óa]|neg[óo]|niegan?|asegur[óa]|explic[óa]|confirm[óa]|indic[óa]|"
    r"agreg[óa]|desmin(?:tió|tieron)|desmienten?|reconoc(?:e|ió)|inform[óa])\b"
)
"""Verbs by which somebody answers for a statement."""

_DOCUMENT = (
    r"(?:records?|documents?|filings?|minutes|e-?mails?|data|logs?|rosters?|transcripts?|complaint|affidavits?|"
    r"indictment|audit|contracts?|invoices?|memos?|memorandum|letters?|payroll|ledgers?|spreadsheets?|files|database|"
    r"registers?|certificates?|statistics|agenda|timesheets?|lawsuit|petition|ruling|deposition|footage|recordings?|"
    r"(?:audit|inspection|incident|annual|autopsy|coroner's|official|internal|government|inspector general's) reports?|"
    r"documentos?|registros?|actas?|expedientes?|archivos|nóminas?|correos)"
)
_SHOW = (
    r"(?:shows?|showed|lists?|listed|reveal(?:s|ed)?|indicates?|indicated|states?|stated|says?|said|confirm(?:s|ed)?|"
    r"detail(?:s|ed)?|notes?|noted|names?|named|read|reads|describe[sd]?|alleges?|alleged|"
    r"muestran?|revelan?|indican?|señalan?|confirman?)"
)
RECORD = (
    rf"(?<!\bno )(?<!\bNo )(?i:\b(?:(?!(?:no|and|or|but|that|said) )[\w'-]+ ){{0,2}}{_DOCUMENT}"
    rf"(?: (?:from|for|of|in|at|by|between|obtained|reviewed|seen|released|filed|kept|do|does|did)\b[^.;?!,]{{0,60}}?)?"
    rf",? {_SHOW}\b)",
    _any_case(rf"(?:according to|según) (?:[\w'-]+ ){{0,4}}{_DOCUMENT}"),
    _any_case(rf"{_DOCUMENT} (?:obtained|reviewed|seen|examined) by"),
    _any_case(r"(?:a copy|copies) of (?:[\w'-]+ ){1,4}(?:letter|memo|e-?mail|contract|order|report|record|filing)s?"),
    _any_case(
        r"in (?:an?|the|its|his|her|their)? ?(?:[\w'-]+ ){0,2}(?:court|legal|regulatory) (?:filing|paper|record)s?"
    ),
    _any_case(r"(?:public |open )?records requests?|under oath|sworn (?:statement|testimony|affidavit|declaration)s?"),
    _any_case(r"testif(?:ies|ied)|bajo juramento|consta en"),
)
"""Something written, recorded or sworn that can be asked for."""

_CAPITAL = r"[A-ZÀ-ÖØ-Þ]"
_NO_NAME = (
    r"(?!(?:He|She|It|They|We|I|You|Who|This|That|There|These|Those|Then|But|And|Officials?|Sources?|Insiders?|Records?|"
    r"Documents?|Reports?|Some|Others?|One|Two|Three|Four|Five|Several|Many|People|Witness(?:es)?|Residents?|Neighbou?rs?|"
    r"Workers?|Employees?|Officers?|Nurses?|Doctors?|Passengers?|Rumou?rs?|Posts?|Critics|Experts?|Users?|Someone|Nobody|"
    r"Everyone|Anyone|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|"
    r"September|October|November|December|On|In|At|A|An|The|Fuentes?|Quien(?:es)?|Se|No|Él|Ella|Ellos|Also|Later|As)\b)"
)
_WORD_OF_NAME = rf"{_CAPITAL}[\w'.-]*\w"
_NAME = rf"{_NO_NAME}{_WORD_OF_NAME}(?: (?:(?:de|del|la|van|von|of|the|for) )?(?:{_WORD_OF_NAME}|{_CAPITAL}\.)){{0,4}}"
_BODY = (
    r"(?i:police|city|county|department|agency|university|college|hospital|company|union|guild|federation|association|"
    r"office|bureau|board|council|court|commission|committee|school|district|government|ministry|authority|institute|"
    r"operator|airline|bank|party|campaign|administration|parliament|senate|army|embassy|church|foundation|charity|"
    r"firm|newspaper|chief|mayor|sheriff|governor|president|director|minister|judge|superintendent|secretary|"
    r"commissioner|principal|chair(?:man|woman)?|captain|warden|coroner|attorney general|prosecutors|"
    r"spokes(?:man|woman|person|people)|policía|universidad|gobierno|alcald(?:e|esa)|jefe|portavoz|vocer[oa]|rectora?)"
)
NAMED = (
    rf"\b{_NAME}(?:,(?: [^,.;?!]{{2,80}},)?)? (?:(?:also|later|then|has|had|have) )?{_SAY}",
    rf"\b{_SAY} (?:(?:the |an? |el |la )?(?:[a-zñáéíóú'-]+ ){{0,3}})?,? ?{_NO_NAME}{_WORD_OF_NAME} {_WORD_OF_NAME}",
    rf"[,?!\"'] ?{_SAY} {_NO_NAME}{_WORD_OF_NAME}(?=[,.;]|\Z)",
    rf"\b(?i:according to|según) (?:(?:the|el|la|los) )?(?:[a-zñáéíóú'-]+ ){{0,3}}{_NAME}",
    rf"\b{_BODY}(?: (?:for|of|de|del) [^.,;?!]{{2,60}}?)?,? (?:(?:also|later|has|had|have) )?{_SAY}",
    rf"\b(?i:according to|según) (?:(?:the|an?|el|la|un|una) )?(?:[\w'-]+ ){{0,2}}{_BODY}\b",
    rf",[\"']? {_SAY} (?i:the|el|la) (?:[\w'-]+ ){{0,2}}{_BODY}\b",
    _any_case(r"in (?:an?|the) (?:[\w-]+ )?(?:statement|(?:news|press) (?:release|conference)|interview)"),
    _any_case(r"en un(?:a)? (?:comunicado|entrevista|rueda de prensa|conferencia de prensa)"),
)
"""A person or body that speaks under its own name or by an office that one person or body holds."""

_PEOPLE = (
    r"(?:officials?|officers?|employees?|workers?|staff(?:ers?)?|members?|nurses?|doctors?|guards?|deput(?:y|ies)|aides?|"
    r"residents?|witness(?:es)?|teachers?|students?|passengers?|paramedics?|engineers?|lawyers?|agents?|neighbou?rs?|"
    r"relatives?|colleagues?|callers?|detectives?|sergeants?|lieutenants?|insiders?|sources?|persons?|people|man|woman|men|"
    r"women)"
)
_SPEAK = r"(?:said|says?|told|tells?|claim(?:s|ed)?|confirm(?:s|ed)?|describe[sd]?|recall(?:s|ed)?|wrote|writes?)"
ANONYMOUS = (
    _any_case(r"anonym(?:ity|ous(?:ly)?)|unnamed|unidentified|anonimato|fuentes?"),
    _any_case(r"(?:not|rather not|declin\w+|refus\w+) (?:want(?:ing)? |wish(?:ing)? )?to be (?:named|identified)"),
    _any_case(r"(?:not|n't) (?:give|use|publish|disclose)[a-z]* (?:his|her|their) (?:full |last )?names?"),
    _any_case(r"not (?:being )?authori[sz]ed to (?:speak|discuss|comment|talk)"),
    _any_case(r"no ser (?:nombrad|identificad|citad)[oa]s?|pidi(?:ó|eron) no"),
    _any_case(
        r"(?:an? |one |two |three |several |multiple )?(?:[\w'-]+ )?(?:sources?|insiders?|persons?|people|someone) "
        r"(?:familiar with|close to|with (?:direct )?knowledge|briefed on|inside|within)"
    ),
    _any_case(r"(?:an? |the |two |our |my )?(?:[\w'-]+ )?sources? (?:said|says?|told|tells?|confirm(?:s|ed)?)"),
    _any_case(r"according to (?:[\w'-]+ ){0,3}(?:sources?|insiders?|people|persons?)"),
    _any_case(
        r"(?:an?|one|two|three|four|five|several|some|many|multiple|senior|former|current|veteran) "
        rf"(?:[\w'-]+ ){{0,2}}{_PEOPLE}(?: (?:at|in|with|for|from|of|who) [^.,;?!\"]{{1,50}}?)? {_SPEAK}"
    ),
    _any_case(rf"(?:officials|witnesses|residents|employees|workers|insiders|neighbou?rs) {_SPEAK}"),
)
"""People who are not named."""

SECOND_HAND = _any_case(
    r"(?:he|she|they|i|we)(?:'d|'ve| had| has| have)? (?:only |also )?"
    r"(?:heard|overheard|been told|was told|were told)(?! (?:of )?(?:the|those|these|such|no|nothing|any) )"
)
"""What the speaker knows from others only, whoever the speaker is."""

HEARSAY = (
    _any_case(
        r"rumou?r(?:s|ed)?|rumores|gossip|hearsay|overheard|reportedly|allegedly|supposedly|purportedly|purported"
    ),
    _any_case(
        r"it (?:is|was|has been) (?:said|alleged|claimed|rumou?red)|word (?:is|has it)|they say|people (?:are )?say"
    ),
    _any_case(r"heard (?:that|from|it|about)|unconfirmed|unverified|apparently"),
    _any_case(
        r"(?:viral|social media|facebook|twitter|reddit|tiktok|instagram|telegram|whatsapp|online) "
        r"(?:posts?|videos?|claims?|memes?|screenshots?|users?|rumou?rs?)"
    ),
    _any_case(
        r"(?:posts?|posted|videos?|claims?|shared|circulat\w+|spread\w*) (?:widely )?(?:on|in|across|via) "
        r"(?:social media|facebook|twitter|x|reddit|tiktok|instagram|telegram|whatsapp)"
    ),
    _any_case(r"posts? (?:say|said|claim|claimed|claims|says)|circulat(?:es|ed|ing) (?:online|widely|on|in|among)"),
    _any_case(
        r"(?:media|news|some|several|conflicting|are|were|amid|despite|after) reports|"
        r"reports (?:say|said|suggest|indicate)"
    ),
    _any_case(
        r"(?:my|his|her|their|an?) (?:friend|cousin|neighbou?r|brother|sister|uncle|aunt|buddy)[\w' ]{0,30} "
        r"(?:says?|said|told|tells|heard)"
    ),
    _any_case(
        r"supuestamente|presuntamente|al parecer|se (?:dice|comenta|rumorea)|dicen que|trascendió|redes sociales"
    ),
)
"""What goes around, and nobody answers for."""
