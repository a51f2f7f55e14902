"""The cue words of English news, by kind.

One entry a line. An entry is a regular expression over lower-case text with straight quotes, begins and ends at a word
border, and a blank in it matches any white space. Kinds are tried in the order of this file, and a text that one kind
has matched is not matched again: that is why PSEUDO, what only looks like a cue (as in NegEx and ConText), comes first,
and why an unconfirmed report is not a confirmation.

Written from headlines of Emergent's training split and the patterns of NegEx; the test split was not read.
"""

from __future__ import annotations

PSEUDO = r"""
    not (only|just|even|least|to mention|guilty)
    (no|without( a)?|beyond( a)?|little) doubt
    no (wonder|matter|one (was|were) (hurt|injured|harmed)|injuries|later than|stranger|fewer than|less than)
    false (alarm|start)s?
    fake (ids?|passports?|names?|tans?|news media|documents?|identit\w+)
    (why|if|or|whether or) not
    (cannot|can't|can not) (wait|help but)
    more likely than not
    (do|did|does|could|has|have|had)( not|n't) (immediately |yet |be |been )*(respond|repl|return|reach|comment)\w*
    (do|did|does)( not|n't) (immediately )?(answer|elaborat)\w*
    (could not|couldn't) (immediately )?be reached
    not (immediately |yet )?(available|reachable|returned?)
    (has|have|had|was|were) not (previously )?(been )?(named|identified|released)
    never (before|again|forget|mind|ending|too late|know|guess|tell|told|stops?|ends?|showed up|walk|heard|seen)
    (you'll|you will|who|she would|he would) never
    (isn't|is not|aren't|are not|not|never) (\w+ )?(a |an |the )?(fake|hoax|false|prank|joke|myth)
    (isn't|is not|aren't|are not|not|never) (\w+ )?(a )?(photoshopped|staged|doctored|lie)
    no (hoax|fake|prank|joke|secret|surprise)
    (no |nothing )?longer than
    (deny|denies|denied|denying) (\w+ ){0,3}(hoax|fak(e|ed|ing)|fabricat\w+|lying|staging)
    (deny|denies|denied|denying) (\w+ ){0,2}(access|entry|bail|boarding|parole|visas?|asylum)
    (reject|dismiss)(s|es|ed|ing)? (\w+ ){0,3}(hoax|fak(e|ed|ing)|fabricat\w+|lying|staging)
    \A(don't|do not|never)
    so (\w+ )?(he|she|they|it|we|you|i) (won't|will not|can't|cannot|don't|doesn't)
    not to (give|worry|mention|miss|be missed)
    (won't|will not|wouldn't|would not|refus\w+ to|declin\w+ to) (say|discuss|elaborate|specify)
    (?<=,.)not (?!true|real|a real|the real)(a |an |in |the |from |by )?\w+
    wrong(ly|ful|fully)? (convict|imprison|accus|death|doing)\w*
    (claims?|claimed|claiming) (the )?(responsibility|lives|victory|title|asylum|life)
    court(s|ed|ing)? (favou?r|controversy)
    proof of (life|address|identity|concept)
    """

CORRECT = r"""
    corrections?:
    (this|the) (story|article|post|item|headline) (has been|was|is being) (updated|corrected|amended)
    (this|the) (story|article|post|item|page) (has been|was|is being) (removed|withdrawn|taken down)
    editor'?s'? note
    an earlier version
    (issue|publish|print|post|run|ran|append)\w* a correction
    retract\w*
    """

DENY = r"""
    den(y|ies|ied|ying)
    denials?
    hoax\w*
    fak(e|ed|es|ery|ing)
    false\w*
    falsif\w*
    untrue
    not (entirely |exactly |actually |really |quite )?(true|real|accurate|correct|the case|so|happen\w*)
    (isn't|wasn't|aren't|weren't) (entirely |exactly |actually |really )?(true|real|accurate|correct|the case|happening)
    debunk\w*
    fabricat\w*
    made.up
    makes? (it |this |things )?up
    made (it|that|this|the (whole )?story|story) (all )?up
    bogus
    satir(e|ical|ist|ize)\w*
    parod\w*
    spoof\w*
    myths?
    mislead\w*
    (mis|dis)information
    refut\w*
    rebut\w*
    rebuff\w*
    disput(es|ed|ing)
    disprov\w*
    discredit\w*
    contradict\w*
    baseless
    unfounded
    groundless
    unsubstantiated
    without (any )?(basis|evidence|merit|foundation|proof)
    (no|zero|lack of|lacks|insufficient|not enough) (\w+ )?(truth|evidence|proof|basis|merit|substance)
    no (\w+ )?(signs?|indications?|records?|such|plans?|links?|connection|intention)
    nothing to (suggest|support|do with|see)
    wrong
    mistaken
    mistook
    erroneous\w*
    inaccura\w*
    photo-?shop\w*
    doctored
    staged
    prank(s|ed|ster|sters)?
    hoodwink\w*
    (a|total|complete|outright|utter|blatant) lies?
    shoots? down
    shot down (the |those |these )?(\w+ )?(rumou?rs?|reports?|claims?|story|stories|speculation)
    never (happened|existed|said|took|made|wrote|was|were|been|did|had)
    (cast|casts|casting|raise|raises|raising|expresses) doubts?
    doubt(s|ed|ful|ing)?
    s[ck]eptic\w*
    (dismiss|reject)(es|ed|ing|s)?
    contrary to
    too good to (be true|check)
    impersonat\w*
    impost[eo]rs?
    rul(e|es|ed|ing) out
    still alive
    calm down
    (greatly |wildly |grossly |much )?exaggerat\w*
    (fool|troll|dup)(s|ed|ing)
    (bullshit|bs)
    (is|are|he's|she's|i'm|am|was|were) (\w+ )?(alive|safe|unharmed|unhurt)(?! (haven|space|room|house|seat)s?)
    safe and (well|sound|secure|unharmed)
    alive and \w+
    set(s|ting)? the record straight
    pants on fire
    (unbelievable|implausible)
    questions? (the )?(authenticity|veracity|validity|accuracy|truth|claims?|account|whether)
    (unlikely|impossible|nonsense|rubbish|ridiculous|absurd)
    (clears? up|dispels?|quash(es|ed)?|squash(es|ed)?|knocks? down) (\w+ ){0,4}(rumou?rs?|reports?|claims?|myths?)
    (puts? to rest|poke(s|d)? holes in|kills?|ends?) (\w+ ){0,4}(rumou?rs?|reports?|claims?|myths?|speculation)
    (rumou?rs?|reports?|claims?|speculation) (is |are |was |were )?(put|laid) to rest
    """

HEDGE = r"""
    (neither |nor |not )?(confirm|confirms|confirmed|confirming) (n?or) (deny|denies|denied|denying)
    (may|might) or (may|might) not
    or (\w+ ){0,2}(hoax|fake|prank)
    (real|true|fact|freak|genuine|legit|truth) or (a )?(hoax|fake|fiction|false|rumou?r)
    (hoax|fake|false|prank|staged|photoshopped|satire)( or (\w+ )?\w+)?(?=\?)
    (fake|hoax|fiction|myth) or (\w+ )?(freak|real|fact|true|not|reality|genuine)
    not (yet |been |yet been |independently |immediately |officially )*(confirm|verif|substantiat|corroborat)\w*
    (yet|unable|impossible|declin\w+|refus\w+|cannot|couldn't|could not) (to )?(be )?(independently )?(confirm|verif)\w*
    no (immediate |official |independent )*(confirmation|comment|word)
    (un|neither )(confirmed|verified|corroborated)
    not (yet )?(clear|known|certain)
    (isn't|wasn't) (yet )?(clear|known|certain)
    (unclear|unknown|uncertain)
    report(s|ed|edly)?
    alleg\w*
    purport\w*
    suppos(ed|edly)
    rumou?r\w*
    claim(s|ed|ing)?
    (may|might|could)
    (appear|appears|appeared) to
    seem(s|ed|ingly)?
    apparent(ly)?
    said to
    (sources?|insiders?)
    according to
    (possib(le|ly)|probab(le|ly)|likely)
    (suspected|suspicions?)
    (believed|thought|expected|poised|set|rumou?red) to
    in (early |late |advanced |final )*(talks|negotiations|stages)
    late.stage\w*
    (eyed|eyeing|tipped|mulling|mulls|considering|weighing|weighs)
    analysts?
    speculat\w*
    whether
    if (true|confirmed|accurate)
    potential(ly)?
    feared
    (officials?|police|witness(es)?|villagers|residents|relatives) (say|says|said)
    (experts?|lawyers?|monitors?|militants?) (say|says|said)
    opposition group
    \?
    """

CONFIRM = r"""
    confirm(s|ed|ing|ation)?
    verif(y|ied|ies|ication)
    official(ly)?
    announc\w*
    reveal(s|ed)?
    admit(s|ted)?
    acknowledg\w*
    prov(e|es|ed|en)
    proof
    (records?|documents?|data|emails?|payroll) (show|shows|showed|reveal|reveals)
    (autopsy|dna)
    (charged with|convicted|sentenced|pleaded|indicted)
    (in a statement|statement|press release|news release)
    spokes(man|woman|person|people)
    (unmasked|named as|identified as)
    """

PROBE = r"""
    investigat\w*
    prob(e|es|ed|ing)
    looking into
    under review
    inquir(y|ies)
    audit\w*
    lawsuits?
    courts?
    subpoena\w*
    testif\w*
    """

NEG = r"""
    not
    cannot
    \w+n't
    no longer
    never
    neither
    nor
    nope
    \Ano
    (?<=[:.!?].)no
    no,
    no,? (it|he|she|they|that|this|you|we|the|there)
    """
