"""Presets: the options that read well-known programming interfaces and pages, written as in a sources file.

Where times have no zone, the preset names the zone of the place that they are about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

INTERFACES: Final[Mapping[str, Mapping[str, Any]]] = {
    # webapi.legistar.com/v1/CLIENT/events: meetings of a council and its committees
    "legistar": {
        "items": "@",
        "key": "EventId",
        "title": "[EventBodyName, when([EventDate, EventTime])]",
        "link": "not_null(EventInSiteURL, EventAgendaFile)",
        "date": "[EventDate, EventTime]",
        "summary": "[EventLocation, EventComment, EventAgendaStatusName, EventMinutesStatusName]",
        "page_parameter": "$skip",
        "page_start": "0",
        "page_step": "100",
        "timezone": "America/Chicago",
    },
    # lims.minneapolismn.gov/Calendar/GetCalenderList (their spelling)
    "lims-calendar": {
        "items": "@",
        "key": "Id",
        "title": "[CommitteeName, MeetingType, when(MeetingTime)]",
        "link": [
            "https://lims.minneapolismn.gov/Download/CommitteeReport/{CommitteeReportDocumentId}/{CommitteeReportDocument}",
            "https://lims.minneapolismn.gov/MarkedAgenda/{Abbreviation}/{AgendaId}",
        ],
        "date": "MeetingTime",
        "summary": "[Location, Address, Cancelled && 'Cancelled', PublicHearing && 'Public hearing', AgendaStatus, "
        "AgendaPDFAttachment, CommitteeReportDocument]",
        "text": "Description",
        "author": "Department",
        "timezone": "America/Chicago",
    },
    # lims.minneapolismn.gov/Jobs/PublicBoardMeetingsPagedList and its siblings: agendas and reports of meetings
    "lims-reports": {
        "items": "not_null(data, @)",
        "key": "id",
        "title": "[committeeName, when(meetingTime)]",
        "link": [
            "https://lims.minneapolismn.gov/Download/CommitteeReport/{committeeReportDocumentId}/{committeeReportDocument}",
            "https://lims.minneapolismn.gov/MarkedAgenda/{abbreviation}/{agendaId}",
        ],
        "date": "meetingTime",
        "summary": "[agendaStatus, committeeReportDocument]",
        "timezone": "America/Chicago",
    },
    # lims.minneapolismn.gov/api/v1/search/meetingCalendar: needs a registered key
    "lims-meetings": {
        "items": "[?MeetingType != 'Select Meeting Type']",
        "key": "[MeetingBody, MeetingDateTime]",
        "title": "[MeetingBody, MeetingType, when(MeetingDateTime)]",
        "link": "not_null(AgendaURL, MinutesPDFURL)",
        "date": "MeetingDateTime",
        "summary": "[IsCancelled && 'Cancelled', AgendaURL, MinutesPDFURL]",
        "headers": {"Authorization": "Bearer {lims-key}"},
        "timezone": "America/Chicago",
    },
    # lims.minneapolismn.gov/api/v1/search/FileItemSearch: needs a registered key; a file has several items
    "lims-files": {
        "items": "@",
        "key": "[FileNumber, ItemTitle]",
        "title": "not_null(ItemTitle, FileSubject)",
        "link": "https://lims.minneapolismn.gov/File/{FileNumber}",
        "date": "LegislativeHistory[].ActionDate",
        "summary": "[FileSubject, FileType, FileNumber]",
        "text": "LegislativeHistory[].[CommitteeName, ActionDate, Action]",
        "headers": {"Authorization": "Bearer {lims-key}"},
        "timezone": "America/Chicago",
    },
    # www.hennepin.us, agenda items of the county board
    "hennepin-agenda": {
        "items": "dtItm",
        "key": "AgendaItemID",
        "title": "Title",
        "date": "MeetingDate",
        "summary": "[MeetingType, when(MeetingDate), AgendaCategory, Location]",
        "timezone": "America/Chicago",
    },
    # the calendar of a Sitefinity site
    "sitefinity-events": {
        "items": "@",
        "key": "Id",
        "title": "Title",
        "link": "EventUrl",
        "date": "Start",
        "text": "Description",
        "timezone": "America/New_York",
    },
    # data.usajobs.gov/api/search: needs a key and the e-mail address it is registered to
    "usajobs": {
        "items": "SearchResult.SearchResultItems",
        "key": "MatchedObjectId",
        "title": "MatchedObjectDescriptor.PositionTitle",
        "link": "MatchedObjectDescriptor.PositionURI",
        "date": "MatchedObjectDescriptor.PublicationStartDate",
        "summary": "MatchedObjectDescriptor.[OrganizationName, DepartmentName, PositionLocationDisplay]",
        "text": "MatchedObjectDescriptor.[QualificationSummary, UserArea.Details.[JobSummary, MajorDuties]]",
        "author": "MatchedObjectDescriptor.OrganizationName",
        "count": "SearchResult.SearchResultCountAll",
        "page_parameter": "Page",
        "may_be_empty": "true",
        "headers": {"User-Agent": "{usajobs-email}", "Authorization-Key": "{usajobs-key}"},
        "timezone": "America/New_York",
    },
    # www.federalregister.gov/api/v1/documents.json
    "federal-register": {
        "items": "not_null(results, `[]`)",
        "key": "document_number",
        "title": "title",
        "link": "html_url",
        "date": "publication_date",
        "summary": "not_null(abstract, excerpts)",
        "author": "agencies[].name",
        "filed_under": "type",
        "next": "next_page_url",
        "count": "count",
        "may_be_empty": "true",
        "timezone": "America/New_York",
    },
    # www.courtlistener.com/api/rest/v4/search/?type=r: dockets, with the documents in them that match the search
    "courtlistener": {
        "items": "results",
        "key": "not_null(docket_id, absolute_url)",
        "title": "[caseName, docketNumber]",
        "link": "not_null(docket_absolute_url, absolute_url)",
        "date": "dateFiled",
        "summary": "[court, dateFiled, suitNature, cause]",
        "text": "recap_documents[].[entry_date_filed, short_description, description, snippet]",
        "author": "court",
        "next": "next",
        "count": "count",
        "may_be_empty": "true",
        "timezone": "America/New_York",
    },
    # api.gdeltproject.org/api/v2/doc/doc?mode=ArtList&format=json: dates are when GDELT first saw an article
    "gdelt": {
        "items": "not_null(articles, `[]`)",
        "key": "url",
        "title": "title",
        "link": "url",
        "date": "seendate",
        "author": "domain",
        "may_be_empty": "true",
    },
    # content.guardianapis.com/search
    "guardian": {
        "items": "response.results",
        "key": "id",
        "title": "webTitle",
        "link": "webUrl",
        "date": "webPublicationDate",
        "text": "fields.[trailText, bodyText]",
        "filed_under": "sectionName",
        "count": "response.total",
        "page_parameter": "page",
        "may_be_empty": "true",
    },
    # catalogues of open data (DCAT-US 1.1): the data sets that a city publishes
    "dcat": {
        "items": "dataset",
        "key": "identifier",
        "title": "title",
        "link": "not_null(landingPage, identifier)",
        "date": "not_null(issued, modified)",
        "text": "description",
        "author": "publisher.name",
        "filed_under": "keyword",
    },
}
"""Presets of the ``json`` kind, by name: as a person would write them, and validated together with what one wrote."""

PAGES: Final[Mapping[str, Mapping[str, Any]]] = {
    # CLIENT.legistar.com/Calendar.aspx and DepartmentDetail.aspx: a new agenda is an edit of its meeting
    "legistar-calendar": {
        "item": "tr[id*='gridCalendar_ctl00__']",
        "key": "[id$=hypiCal]@href",
        "title": ["[id$=hypBody]", "td.rgSorted", "[id$=lblTime]"],
        "link": ["[id$=hypMeetingDetail][href]", "[id$=hypAgenda][href]"],
        "date": ["td.rgSorted", "[id$=lblTime]"],
        "summary": ".",
        "timezone": "America/Chicago",
    },
    # CLIENT.granicus.com/ViewPublisher.php?view_id=N, upcoming and past meetings: a new agenda is an edit of its
    # meeting; a past meeting has another address than before, so it is another item
    "granicus": {
        "item": "tr.listingRow, tr:has(> td[headers^=Name]), tr:has(> td[headers^=EventName])",
        "title": [
            "td[headers^=Name], td[headers^=EventName], td:nth-of-type(1)",
            "td[headers^=Date], td[headers^=EventDate]",
        ],
        "link": [
            "a[href*='AgendaViewer.php']",
            "a[href*='DocumentViewer.php']",
            "a[href*='MinutesViewer.php']",
            "a[href*='clip_id=']",
        ],
        "date": "td[headers^=Date], td[headers^=EventDate]",
        "summary": ".",
        "timezone": "America/Chicago",
    },
    # a CivicPlus site, /AgendaCenter or /AgendaCenter/BODY: agendas of this year; minutes are linked by an icon only
    "civicplus-agendas": {
        "item": ".catAgendaRow",
        "title": ["p a[href*='/AgendaCenter/ViewFile/']", "strong"],
        "link": "a[href*='/AgendaCenter/ViewFile/Agenda/'], a[href*='/AgendaCenter/ViewFile/Minutes/']",
        "date": "strong",
        "summary": [".", ".minutes img@alt"],
        "timezone": "America/Chicago",
    },
    # lists of events on Sitefinity sites
    "sitefinity-list": {
        "item": "ul.item-list > li.item",
        "title": ".title",
        "link": ".title a",
        "date": ".meta > span:last-of-type",
        "summary": [".meta", ".summary", ".related-content"],
        "timezone": "America/New_York",
    },
    # lists of events on Drupal sites
    "drupal-events": {
        "item": ".view-events .views-row",
        "title": [".views-field-title", ".views-field-field-event-date"],
        "link": ".views-field-title a",
        "date": ".views-field-field-event-date",
        "summary": ".",
        "page_parameter": "page",
        "page_start": "0",
        "timezone": "America/New_York",
    },
    # meetings.boardbook.org/Public/Organization/ID
    "boardbook": {
        "item": "tr.row-for-board",
        "title": "td:first-child > div:first-child",
        "link": "a[href*='/Public/Agenda/'], a[href*='/Public/Minutes/']",
        "date": "td:first-child > div:first-child",
        "summary": ".",
        "timezone": "America/Chicago",
    },
    # panels of documents on Finalsite sites
    "finalsite-panels": {
        "item": "section.fsPanel",
        "title": ".fsElementTitle",
        "link": "a[data-file-name]",
        "date": ".fsElementTitle",
        "summary": ["a[data-file-name]@data-file-name", ".fsElementContent .fsElementContent"],
        "timezone": "America/Chicago",
    },
    "ice-newsroom": {
        "item": ".news-wrapper",
        "title": ".news-title",
        "link": ".news-title a",
        "date": ".news-date",
        "summary": ".news-body",
        "page_parameter": "page",
        "page_start": "0",
        "timezone": "America/New_York",
    },
    "dhs-releases": {
        "item": "li.usa-collection__item",
        "title": ".usa-collection__heading",
        "link": "a[href]",
        "date": "time",
        "page_parameter": "page",
        "page_start": "0",
        "timezone": "America/New_York",
    },
}
"""Presets of the ``page`` kind, by name."""
