/* The hot part of the matcher: cut a text into words, find the rules that they may make hit, and evaluate those.
 *
 * It knows nothing about language: it asks Python once per distinct spelling which terms match it, and remembers that.
 * It evaluates words, phrases, alternatives, near/n and before/n; a rule that needs more is reported as "perhaps", and
 * Python evaluates it. native.py makes the programs that are run here; index.py is the same in Python.
 *
 * Limited API only. The caller holds a lock: one match at a time per Core.
 */
#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 6, MAIN_PARTS = 3, GAP = 2000, MAX_SURFACE_BYTES = 400, MAX_PHRASE_WORDS = 64, GUARDS = 4 };
enum { CLASSIFIED = 0x20000, IDEOGRAPHS_END = 0x40000, MAX_DEPTH = 200 };
enum { MAX_SPELLINGS = 200000, LAST_EPOCH = 1 << 29 };
enum { OTHER, LETTER, DIGIT, SINGLE, MARK, NUMERAL };             /* rule_words.character_classes() */
enum { AND, OR, NOT, AT_LEAST, SET, NEAR, BEFORE, PERHAPS };      /* native.Op */

/* ------------------------------------------------------------------ growing arrays */

typedef struct { int32_t *at; Py_ssize_t used, room; } Ints;

static int ints_reserve(Ints *ints, Py_ssize_t more) {
    if (ints->used + more <= ints->room) return 0;
    Py_ssize_t room = ints->room ? ints->room : 64;
    while (room < ints->used + more) room *= 2;
    int32_t *at = realloc(ints->at, (size_t)room * sizeof *at);
    if (!at) { PyErr_NoMemory(); return -1; }
    ints->at = at;
    ints->room = room;
    return 0;
}

static int ints_add(Ints *ints, int32_t value) {
    if (ints_reserve(ints, 1) < 0) return -1;
    ints->at[ints->used++] = value;
    return 0;
}

static int ints_from_bytes(Ints *ints, PyObject *bytes) {
    char *data;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(bytes, &data, &size) < 0) return -1;
    if (ints_reserve(ints, size / (Py_ssize_t)sizeof(int32_t) + 1) < 0) return -1;
    memcpy(ints->at, data, (size_t)size);
    ints->used = size / (Py_ssize_t)sizeof(int32_t);
    return 0;
}

static int ints_zeros(Ints *ints, Py_ssize_t length) {
    if (length <= ints->used) return 0;
    if (ints_reserve(ints, length - ints->used) < 0) return -1;
    memset(ints->at + ints->used, 0, (size_t)(length - ints->used) * sizeof(int32_t));
    ints->used = length;
    return 0;
}

static void wipe(Ints *ints) { memset(ints->at, 0, (size_t)ints->used * sizeof(int32_t)); }

/* ------------------------------------------------------------------ types */

typedef struct { PyObject *segment_type; } State;

typedef struct { uint64_t hash; uint32_t text, length, terms, count; } Spelling;   /* length 0: free */

typedef struct {
    PyObject_HEAD
    PyObject *look_up;                   /* from a spelling to its terms, as bytes of int32 */
    unsigned char *classes;
    unsigned char plain[256];            /* bytes that are an ASCII letter or digit */
    Spelling *spellings;
    uint32_t slots, known;
    char *text;
    size_t text_used, text_room;
    Ints terms;                          /* of all spellings, one after the other */
    Ints needs_capitals;                 /* per term */

    int32_t epoch;                       /* of the document at hand; what is stamped with another is old */
    Ints stamp, head, tail;              /* per term: when last seen, first and last of its occurrences */
    Ints position, next;                 /* per occurrence */
    Ints present;                        /* terms seen */
    Ints shouted;                        /* first and last position of each stretch in capitals */
    int32_t first[PARTS], last[PARTS], main_last;
} Core;

typedef struct {
    PyObject_HEAD
    int32_t rules, sets, reach;          /* reach: terms above have no postings here */
    Ints posting_start, postings;        /* per term; rule and GUARDS terms, -1 where there are fewer */
    Ints always;
    Ints program_start, program;
    Ints set_start, set;                 /* part, then length and terms of each alternative */

    int32_t epoch;
    Ints seen;                           /* per rule */
    Ints holds;                          /* per set: 2 * epoch + answer */
    Ints place_stamp, place_start, place_count;   /* per set: its places in the document at hand */
    Ints places;                         /* first and last position of each */
    Ints hits;
} Segment;

/* ------------------------------------------------------------------ words */

static inline int decode(const unsigned char *s, Py_ssize_t n, uint32_t *c) {
    if (s[0] < 0x80) { *c = s[0]; return 1; }
    if (s[0] < 0xE0 && n > 1) { *c = (s[0] & 0x1Fu) << 6 | (s[1] & 0x3Fu); return 2; }
    if (s[0] < 0xF0 && n > 2) { *c = (s[0] & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu); return 3; }
    if (n > 3) { *c = (s[0] & 7u) << 18 | (s[1] & 0x3Fu) << 12 | (s[2] & 0x3Fu) << 6 | (s[3] & 0x3Fu); return 4; }
    *c = 0;
    return 1;
}

/* The class of the character at `at`, and its length in bytes; OTHER and 0 at the end. */
static inline int class_at(const Core *core, const unsigned char *s, Py_ssize_t n, Py_ssize_t at, int *length) {
    if (at >= n) { *length = 0; return OTHER; }
    if (s[at] < 0x80) { *length = 1; return core->classes[s[at]]; }
    uint32_t c;
    *length = decode(s + at, n - at, &c);
    if (c < CLASSIFIED) return core->classes[c];
    return c < IDEOGRAPHS_END ? SINGLE : OTHER;
}

static inline int is_inside(int class) { return class == LETTER || class == DIGIT || class == MARK || class == NUMERAL; }

static Py_ssize_t skip_inside(const Core *core, const unsigned char *s, Py_ssize_t n, Py_ssize_t at) {
    int length;
    do {
        while (core->plain[s[at]]) at++;              /* the text ends with a zero, which is not plain */
        if (s[at] < 0x80 || !is_inside(class_at(core, s, n, at, &length))) return at;
        at += length;
    } while (at < n);
    return at;
}

static Py_ssize_t skip_digits(const Core *core, const unsigned char *s, Py_ssize_t n, Py_ssize_t at) {
    int length;
    while (class_at(core, s, n, at, &length) == DIGIT) at += length;
    return at;
}

/* After single letters with full stops between: "U.S."; the same offset if there are none. */
static Py_ssize_t skip_initialism(const Core *core, const unsigned char *s, Py_ssize_t n, Py_ssize_t start, int first) {
    int length, after;
    Py_ssize_t at = start + first;
    while (at < n && s[at] == '.' && class_at(core, s, n, at + 1, &length) == LETTER) {
        if (is_inside(class_at(core, s, n, at + 1 + length, &after))) break;
        at += 1 + length;
    }
    if (at == start + first) return start;
    return at < n && s[at] == '.' ? at + 1 : at;
}

/* After digits with their separators: "1,200.50". */
static Py_ssize_t skip_number(const Core *core, const unsigned char *s, Py_ssize_t n, Py_ssize_t at) {
    at = skip_digits(core, s, n, at);
    while (at < n && s[at] == ',') {
        int length, digits = 0;
        Py_ssize_t end = at + 1;
        while (digits < 4 && class_at(core, s, n, end, &length) == DIGIT) { end += length; digits++; }
        if (digits != 3) break;
        at = end;
    }
    while (at < n && s[at] == '.') {
        Py_ssize_t end = skip_digits(core, s, n, at + 1);
        if (end == at + 1) break;
        at = end;
    }
    return at;
}

static Py_ssize_t skip_possessive(const Core *core, const unsigned char *s, Py_ssize_t n, Py_ssize_t at) {
    Py_ssize_t letter = at;
    int length;
    if (at < n && s[at] == '\'') letter = at + 1;
    else if (at + 2 < n && s[at] == 0xE2 && s[at + 1] == 0x80 && s[at + 2] == 0x99) letter = at + 3;
    if (letter == at || letter >= n || (s[letter] != 's' && s[letter] != 'S')) return at;
    return is_inside(class_at(core, s, n, letter + 1, &length)) ? at : letter + 1;
}

/* Return where the word that starts here, with a character of this class and length, ends: rule_words.pattern_for(). */
static Py_ssize_t word_end(const Core *core, const unsigned char *s, Py_ssize_t n, Py_ssize_t at, int class, int length) {
    Py_ssize_t end = at;
    if (class == SINGLE) {
        end = at + length;
        while (class_at(core, s, n, end, &length) == MARK) end += length;
    } else {
        if (class == LETTER) end = skip_initialism(core, s, n, at, length);
        if (class == DIGIT) end = skip_number(core, s, n, at);
        if (end == at || class == DIGIT) end = skip_inside(core, s, n, end);
    }
    return skip_possessive(core, s, n, end);
}

/* ------------------------------------------------------------------ spellings */

static uint64_t hash_of(const unsigned char *s, Py_ssize_t n) {
    uint64_t hash = 0x9E3779B97F4A7C15u ^ (uint64_t)n;
    while (n >= 8) {
        uint64_t chunk;
        memcpy(&chunk, s, 8);
        hash = (hash ^ chunk) * 0xBF58476D1CE4E5B9u;
        hash ^= hash >> 29;
        s += 8;
        n -= 8;
    }
    uint64_t rest = 0;
    for (Py_ssize_t i = 0; i < n; i++) rest |= (uint64_t)s[i] << (8 * i);
    hash = (hash ^ rest) * 0x94D049BB133111EBu;
    return hash ^ (hash >> 31);
}

static void forget(Core *core) {
    if (core->spellings) memset(core->spellings, 0, core->slots * sizeof(Spelling));
    core->known = 0;
    core->text_used = 0;
    core->terms.used = 0;
}

static int grow_spellings(Core *core) {
    uint32_t slots = core->slots ? core->slots * 2 : 4096;
    Spelling *larger = calloc(slots, sizeof *larger);
    if (!larger) { PyErr_NoMemory(); return -1; }
    for (uint32_t i = 0; i < core->slots; i++) {
        if (!core->spellings[i].length) continue;
        uint32_t slot = (uint32_t)core->spellings[i].hash & (slots - 1);
        while (larger[slot].length) slot = (slot + 1) & (slots - 1);
        larger[slot] = core->spellings[i];
    }
    free(core->spellings);
    core->spellings = larger;
    core->slots = slots;
    return 0;
}

static int learn(Core *core, Spelling *entry, const unsigned char *s, Py_ssize_t n, uint64_t hash) {
    PyObject *terms = PyObject_CallFunction(core->look_up, "s#", (const char *)s, n);
    if (!terms) return -1;
    uint32_t start = (uint32_t)core->terms.used;
    char *data;
    Py_ssize_t size;
    int failed = PyBytes_AsStringAndSize(terms, &data, &size) < 0;
    Py_ssize_t count = failed ? 0 : size / (Py_ssize_t)sizeof(int32_t);
    if (!failed) failed = ints_reserve(&core->terms, count + 1) < 0;
    if (!failed) {
        memcpy(core->terms.at + start, data, (size_t)size);
        for (Py_ssize_t i = 0; i < count && !failed; i++) {
            int32_t term = core->terms.at[start + i];
            if (term < 0 || term >= core->stamp.used) {
                PyErr_SetString(PyExc_ValueError, "a term that was not announced");
                failed = 1;
            }
        }
    }
    Py_DECREF(terms);
    if (failed) return -1;
    if (core->text_used + (size_t)n > core->text_room) {
        size_t room = 2 * core->text_room + (size_t)n + 4096;
        char *text = realloc(core->text, room);
        if (!text) { PyErr_NoMemory(); return -1; }
        core->text = text;
        core->text_room = room;
    }
    memcpy(core->text + core->text_used, s, (size_t)n);
    *entry = (Spelling){hash, (uint32_t)core->text_used, (uint32_t)n, start, (uint32_t)count};
    core->text_used += (size_t)n;
    core->terms.used += count;
    core->known++;
    return 0;
}

static Spelling *spelling_of(Core *core, const unsigned char *s, Py_ssize_t n) {
    uint64_t hash = hash_of(s, n);
    if (core->known >= MAX_SPELLINGS) forget(core);
    if (2 * (core->known + 1) > core->slots && grow_spellings(core) < 0) return NULL;
    uint32_t slot = (uint32_t)hash & (core->slots - 1);
    for (; core->spellings[slot].length; slot = (slot + 1) & (core->slots - 1)) {
        Spelling *known = &core->spellings[slot];
        if (known->hash == hash && known->length == (uint32_t)n && !memcmp(core->text + known->text, s, (size_t)n))
            return known;
    }
    return learn(core, &core->spellings[slot], s, n, hash) < 0 ? NULL : &core->spellings[slot];
}

/* ------------------------------------------------------------------ the document */

static int note(Core *core, int32_t term, int32_t position) {
    int32_t occurrence = (int32_t)core->position.used;
    if (ints_add(&core->position, position) < 0 || ints_add(&core->next, -1) < 0) return -1;
    if (core->stamp.at[term] != core->epoch) {
        core->stamp.at[term] = core->epoch;
        core->head.at[term] = occurrence;
        if (ints_add(&core->present, term) < 0) return -1;
    } else {
        core->next.at[core->tail.at[term]] = occurrence;
    }
    core->tail.at[term] = occurrence;
    return 0;
}

/* Read one stretch whose first word is at `position`; return the position after its last word, -1 on error. */
static int32_t read_stretch(Core *core, PyObject *text, int32_t position) {
    Py_ssize_t n;
    const unsigned char *s = (const unsigned char *)PyUnicode_AsUTF8AndSize(text, &n);
    if (!s) return -1;
    for (Py_ssize_t at = 0; at < n;) {
        int length, class = class_at(core, s, n, at, &length);
        if (class == OTHER || class == MARK) { at += length; continue; }
        Py_ssize_t end = word_end(core, s, n, at, class, length);
        if (end - at <= MAX_SURFACE_BYTES) {
            Spelling *spelling = spelling_of(core, s + at, end - at);
            if (!spelling) return -1;
            for (uint32_t i = 0; i < spelling->count; i++)
                if (note(core, core->terms.at[spelling->terms + i], position) < 0) return -1;
        }
        position++;
        at = end;
    }
    return position;
}

static int is_shouted(const Core *core, int32_t position) {
    for (Py_ssize_t i = 0; i < core->shouted.used; i += 2)
        if (core->shouted.at[i] <= position && position <= core->shouted.at[i + 1]) return 1;
    return 0;
}

/* Remove terms in capitals that are found only in stretches all in capitals: see term_view._doubt_capitals(). */
static void doubt_capitals(Core *core) {
    for (Py_ssize_t i = 0; i < core->present.used; i++) {
        int32_t term = core->present.at[i], sure = 0;
        if (!core->needs_capitals.at[term]) continue;
        for (int32_t o = core->head.at[term]; o >= 0 && !sure; o = core->next.at[o])
            sure = core->position.at[o] <= core->main_last && !is_shouted(core, core->position.at[o]);
        if (sure) continue;
        int32_t *link = &core->head.at[term];
        for (int32_t o = *link; o >= 0; o = core->next.at[o])
            if (!is_shouted(core, core->position.at[o])) { *link = o; link = &core->next.at[o]; }
        *link = -1;
        if (core->head.at[term] < 0) core->stamp.at[term] = 0;
    }
}

/* Stretches are tuples of text, part, whether it follows without a gap, whether it is in doubt for being in capitals. */
static int read_document(Core *core, PyObject *stretches) {
    int32_t free_position = 0;
    if (++core->epoch >= LAST_EPOCH) { core->epoch = 1; wipe(&core->stamp); }
    core->position.used = core->next.used = core->present.used = core->shouted.used = 0;
    core->main_last = -1;
    for (int part = 0; part < PARTS; part++) { core->first[part] = 0; core->last[part] = -1; }
    int doubted = 0;
    for (Py_ssize_t i = 0; i < PyTuple_Size(stretches); i++) {
        PyObject *text;
        int part, follows, shouted;
        if (!PyArg_ParseTuple(PyTuple_GetItem(stretches, i), "Uipp", &text, &part, &follows, &shouted)) return -1;
        if (part < 0 || part >= PARTS) { PyErr_SetString(PyExc_ValueError, "no such part"); return -1; }
        int32_t start = follows || i == 0 ? free_position : free_position + GAP;
        free_position = read_stretch(core, text, start);
        if (free_position < 0) return -1;
        if (core->last[part] < 0) core->first[part] = start;
        core->last[part] = free_position - 1;
        if (part < MAIN_PARTS) core->main_last = free_position - 1;
        if (shouted) {
            doubted = 1;
            if (ints_add(&core->shouted, start) < 0 || ints_add(&core->shouted, free_position - 1) < 0) return -1;
        }
    }
    if (doubted) doubt_capitals(core);
    return 0;
}

/* ------------------------------------------------------------------ rules */

static inline int is_present(const Core *core, int32_t term) { return core->stamp.at[term] == core->epoch; }

static void bounds(const Core *core, int32_t part, int32_t *first, int32_t *last) {
    *first = part < 0 ? 0 : core->first[part];
    *last = part < 0 ? core->main_last : core->last[part];
}

/* Return the first position at or after `from` where the phrase starts, up to `last`; -1 if there is none.
 * `at` holds for each word an occurrence no later than the one looked for, and moves on. */
static int32_t next_phrase(const Core *core, int32_t length, int32_t *at, int32_t last) {
    for (; at[0] >= 0; at[0] = core->next.at[at[0]]) {
        int32_t start = core->position.at[at[0]];
        int32_t i = 1;
        if (start + length - 1 > last) return -1;
        for (; i < length; i++) {
            while (at[i] >= 0 && core->position.at[at[i]] < start + i) at[i] = core->next.at[at[i]];
            if (at[i] < 0) return -1;
            if (core->position.at[at[i]] != start + i) break;
        }
        if (i == length) { at[0] = core->next.at[at[0]]; return start; }
    }
    return -1;
}

static int start_phrase(const Core *core, const int32_t *terms, int32_t length, int32_t first, int32_t *at) {
    for (int32_t i = 0; i < length; i++) {
        if (!is_present(core, terms[i])) return 0;
        at[i] = core->head.at[terms[i]];
    }
    while (at[0] >= 0 && core->position.at[at[0]] < first) at[0] = core->next.at[at[0]];
    return at[0] >= 0;
}

static int set_holds(const Core *core, Segment *segment, int32_t set) {
    int32_t known = segment->holds.at[set];
    if (known >> 1 == segment->epoch) return known & 1;
    const int32_t *item = segment->set.at + segment->set_start.at[set];
    const int32_t *end = segment->set.at + segment->set_start.at[set + 1];
    int32_t first, last, at[MAX_PHRASE_WORDS], holds = 0;
    bounds(core, *item++, &first, &last);
    for (; item < end && !holds; item += 1 + *item)
        holds = start_phrase(core, item + 1, *item, first, at) && next_phrase(core, *item, at, last) >= 0;
    segment->holds.at[set] = segment->epoch << 1 | holds;
    return holds;
}

static int by_start(const void *a, const void *b) {
    const int32_t *one = a, *other = b;
    if (one[0] != other[0]) return one[0] < other[0] ? -1 : 1;
    return one[1] < other[1] ? -1 : one[1] > other[1];
}

static int find_places(const Core *core, Segment *segment, int32_t set) {
    if (segment->place_stamp.at[set] == segment->epoch) return 0;
    const int32_t *item = segment->set.at + segment->set_start.at[set];
    const int32_t *end = segment->set.at + segment->set_start.at[set + 1];
    int32_t first, last, at[MAX_PHRASE_WORDS], start;
    Py_ssize_t from = segment->places.used;
    int lists = 0;
    bounds(core, *item++, &first, &last);
    for (; item < end; item += 1 + *item) {
        if (!start_phrase(core, item + 1, *item, first, at)) continue;
        Py_ssize_t before = segment->places.used;
        while ((start = next_phrase(core, *item, at, last)) >= 0)
            if (ints_add(&segment->places, start) < 0 || ints_add(&segment->places, start + *item - 1) < 0) return -1;
        lists += segment->places.used > before;
    }
    int32_t count = (int32_t)(segment->places.used - from) / 2;
    if (lists > 1) qsort(segment->places.at + from, (size_t)count, 2 * sizeof(int32_t), by_start);
    segment->place_stamp.at[set] = segment->epoch;
    segment->place_start.at[set] = (int32_t)from;
    segment->place_count.at[set] = count;
    return 0;
}

/* Return whether a place of `one` is followed by one of `other` with at most `within` words between. */
static int is_followed(const Segment *segment, int32_t one, int32_t other, int32_t within) {
    const int32_t *a = segment->places.at + segment->place_start.at[one];
    const int32_t *b = segment->places.at + segment->place_start.at[other];
    int32_t count = segment->place_count.at[other];
    for (int32_t i = 0; i < segment->place_count.at[one]; i++) {
        int32_t end = a[2 * i + 1], low = 0, high = count;
        while (low < high) {
            int32_t middle = (low + high) / 2;
            if (b[2 * middle] > end) high = middle; else low = middle + 1;
        }
        if (low < count && b[2 * low] <= end + within + 1) return 1;
    }
    return 0;
}

/* Return whether the program at `pc` holds: 1, 0, or -1 on error. An operation with children starts with its number and
 * its whole length. */
static int holds(const Core *core, Segment *segment, int32_t pc, int depth) {
    const int32_t *op = segment->program.at + pc;
    int32_t wanted = 1;
    switch (op[0]) {
    case SET: return set_holds(core, segment, op[1]);
    case NEAR:
    case BEFORE:
        if (!set_holds(core, segment, op[2]) || !set_holds(core, segment, op[3])) return 0;
        if (find_places(core, segment, op[2]) < 0 || find_places(core, segment, op[3]) < 0) return -1;
        return is_followed(segment, op[2], op[3], op[1]) || (op[0] == NEAR && is_followed(segment, op[3], op[2], op[1]));
    case AND:
    case OR:
    case NOT:
    case AT_LEAST: break;
    default: return 1;
    }
    if (depth > MAX_DEPTH) { PyErr_SetString(PyExc_RecursionError, "a rule nested too deep"); return -1; }
    static const int32_t lengths[] = {2, 2, 2, 3, 2, 4, 4, 1};
    if (op[0] == AT_LEAST) wanted = op[2];
    for (int32_t child = pc + lengths[op[0]]; child < pc + op[1];) {
        const int32_t *inner = segment->program.at + child;
        int held = holds(core, segment, child, depth + 1);
        if (held < 0) return -1;
        if (op[0] == NOT) return !held;
        if (op[0] == AND && !held) return 0;
        if (op[0] != AND && held && --wanted == 0) return 1;
        child += inner[0] <= AT_LEAST ? inner[1] : lengths[inner[0]];
    }
    return op[0] == AND;
}

static int try_rule(const Core *core, Segment *segment, int32_t rule) {
    if (segment->seen.at[rule] == segment->epoch) return 0;
    segment->seen.at[rule] = segment->epoch;
    int held = holds(core, segment, segment->program_start.at[rule], 0);
    return held <= 0 ? held : ints_add(&segment->hits, rule);
}

static int by_value(const void *a, const void *b) {
    int32_t one = *(const int32_t *)a, other = *(const int32_t *)b;
    return one < other ? -1 : one > other;
}

static void next_segment_epoch(Segment *segment) {
    if (++segment->epoch < LAST_EPOCH) return;
    segment->epoch = 1;
    wipe(&segment->seen);
    wipe(&segment->holds);
    wipe(&segment->place_stamp);
}

static PyObject *match_segment(const Core *core, Segment *segment) {
    next_segment_epoch(segment);
    segment->places.used = segment->hits.used = 0;
    for (Py_ssize_t i = 0; i < segment->always.used; i++)
        if (try_rule(core, segment, segment->always.at[i]) < 0) return NULL;
    for (Py_ssize_t i = 0; i < core->present.used; i++) {
        int32_t term = core->present.at[i];
        if (term >= segment->reach || !is_present(core, term)) continue;
        const int32_t *posting = segment->postings.at + (1 + GUARDS) * segment->posting_start.at[term];
        const int32_t *end = segment->postings.at + (1 + GUARDS) * segment->posting_start.at[term + 1];
        for (; posting < end; posting += 1 + GUARDS) {
            int awake = posting[1] < 0;
            for (int g = 1; g <= GUARDS && !awake && posting[g] >= 0; g++) awake = is_present(core, posting[g]);
            if (awake && try_rule(core, segment, posting[0]) < 0) return NULL;
        }
    }
    qsort(segment->hits.at, (size_t)segment->hits.used, sizeof(int32_t), by_value);
    PyObject *found = PyList_New(segment->hits.used);
    for (Py_ssize_t i = 0; found && i < segment->hits.used; i++) {
        PyObject *rule = PyLong_FromLong(segment->hits.at[i]);
        if (!rule) { Py_CLEAR(found); break; }
        PyList_SetItem(found, i, rule);
    }
    return found;
}

/* ------------------------------------------------------------------ to Python */

static void release(PyObject *self, Ints **arrays) {
    for (; *arrays; arrays++) free((*arrays)->at);
    PyTypeObject *type = Py_TYPE(self);
    freefunc dispose = PyType_GetSlot(type, Py_tp_free);
    dispose(self);
    Py_DECREF(type);
}

static void segment_dealloc(PyObject *self) {
    Segment *s = (Segment *)self;
    Ints *arrays[] = {&s->posting_start, &s->postings, &s->always, &s->program_start, &s->program, &s->set_start,
                      &s->set, &s->seen, &s->holds, &s->place_stamp, &s->place_start, &s->place_count, &s->places,
                      &s->hits, NULL};
    release(self, arrays);
}

static int segment_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(keywords)) {
    Segment *s = (Segment *)self;
    Ints *given[] = {&s->posting_start, &s->postings, &s->always, &s->program_start, &s->program, &s->set_start, &s->set};
    if (s->set.at) { PyErr_SetString(PyExc_TypeError, "a segment never changes"); return -1; }
    if (PyTuple_Size(args) != 7) { PyErr_SetString(PyExc_TypeError, "a segment is made of seven arrays"); return -1; }
    for (int i = 0; i < 7; i++)
        if (ints_from_bytes(given[i], PyTuple_GetItem(args, i)) < 0) return -1;
    s->reach = (int32_t)s->posting_start.used - 1;
    s->rules = (int32_t)s->program_start.used;
    s->sets = (int32_t)s->set_start.used - 1;
    Ints *per_set[] = {&s->holds, &s->place_stamp, &s->place_start, &s->place_count};
    for (int i = 0; i < 4; i++)
        if (ints_zeros(per_set[i], s->sets + 1) < 0) return -1;
    return ints_zeros(&s->seen, s->rules + 1);
}

static PyType_Slot segment_slots[] = {
    {Py_tp_doc, "Standing rules, compiled: the arrays that native.py makes of them."},
    {Py_tp_init, segment_init},
    {Py_tp_dealloc, segment_dealloc},
    {0, NULL},
};
static PyType_Spec segment_spec = {
    "watcher.matching._core.Segment", sizeof(Segment), 0, Py_TPFLAGS_DEFAULT, segment_slots};

static void core_dealloc(PyObject *self) {
    Core *c = (Core *)self;
    Ints *arrays[] = {&c->terms, &c->needs_capitals, &c->stamp, &c->head, &c->tail, &c->position, &c->next,
                      &c->present, &c->shouted, NULL};
    PyObject_GC_UnTrack(self);
    Py_CLEAR(c->look_up);
    free(c->classes);
    free(c->spellings);
    free(c->text);
    release(self, arrays);
}

static int core_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Core *)self)->look_up);
    return 0;
}

static int core_clear(PyObject *self) {
    Py_CLEAR(((Core *)self)->look_up);
    return 0;
}

static int core_init(PyObject *self, PyObject *args, PyObject *Py_UNUSED(keywords)) {
    Core *core = (Core *)self;
    const char *classes;
    Py_ssize_t size;
    PyObject *look_up;
    if (!PyArg_ParseTuple(args, "y#O", &classes, &size, &look_up)) return -1;
    if (size != CLASSIFIED || core->classes) { PyErr_SetString(PyExc_ValueError, "wrong classes"); return -1; }
    core->classes = malloc(CLASSIFIED);
    if (!core->classes) { PyErr_NoMemory(); return -1; }
    memcpy(core->classes, classes, CLASSIFIED);
    for (int c = 0; c < 0x80; c++) core->plain[c] = (unsigned char)is_inside(core->classes[c]);
    Py_INCREF(look_up);
    core->look_up = look_up;
    core->epoch = 0;
    return 0;
}

static PyObject *core_announce(PyObject *self, PyObject *flags) {
    Core *core = (Core *)self;
    core->needs_capitals.used = 0;
    if (ints_from_bytes(&core->needs_capitals, flags) < 0) return NULL;
    Ints *per_term[] = {&core->stamp, &core->head, &core->tail};
    for (int i = 0; i < 3; i++)
        if (ints_zeros(per_term[i], core->needs_capitals.used) < 0) return NULL;
    forget(core);
    Py_RETURN_NONE;
}

static PyObject *core_match(PyObject *self, PyObject *args) {
    Core *core = (Core *)self;
    PyObject *stretches, *segments;
    if (!PyArg_ParseTuple(args, "O!O!", &PyTuple_Type, &stretches, &PyTuple_Type, &segments)) return NULL;
    if (read_document(core, stretches) < 0) return NULL;
    State *state = PyType_GetModuleState(Py_TYPE(self));
    if (!state) return NULL;
    PyObject *found = PyTuple_New(PyTuple_Size(segments));
    for (Py_ssize_t i = 0; found && i < PyTuple_Size(segments); i++) {
        PyObject *segment = PyTuple_GetItem(segments, i);
        if (!Py_IS_TYPE(segment, (PyTypeObject *)state->segment_type)) {
            PyErr_SetString(PyExc_TypeError, "not a Segment");
            Py_CLEAR(found);
            break;
        }
        PyObject *hits = match_segment(core, (Segment *)segment);
        if (!hits) { Py_CLEAR(found); break; }
        PyTuple_SetItem(found, i, hits);
    }
    return found;
}

static PyMethodDef core_methods[] = {
    {"announce", core_announce, METH_O, "Say of every term whether it needs capitals; forgets all spellings."},
    {"match", core_match, METH_VARARGS, "For each segment the rules that hold, or may, in a document's stretches."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot core_slots[] = {
    {Py_tp_doc, "The spellings that have been met, and the document at hand."},
    {Py_tp_init, core_init},
    {Py_tp_dealloc, core_dealloc},
    {Py_tp_traverse, core_traverse},
    {Py_tp_clear, core_clear},
    {Py_tp_methods, core_methods},
    {0, NULL},
};
static PyType_Spec core_spec = {
    "watcher.matching._core.Core", sizeof(Core), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, core_slots};

static int module_exec(PyObject *module) {
    State *state = PyModule_GetState(module);
    state->segment_type = PyType_FromModuleAndSpec(module, &segment_spec, NULL);
    if (!state->segment_type || PyModule_AddObjectRef(module, "Segment", state->segment_type) < 0) return -1;
    PyObject *core_type = PyType_FromModuleAndSpec(module, &core_spec, NULL);
    int failed = !core_type || PyModule_AddObjectRef(module, "Core", core_type) < 0;
    Py_XDECREF(core_type);
    return failed ? -1 : 0;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg) {
    Py_VISIT(((State *)PyModule_GetState(module))->segment_type);
    return 0;
}

static int module_clear(PyObject *module) {
    Py_CLEAR(((State *)PyModule_GetState(module))->segment_type);
    return 0;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};
static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_core", "The compiled core of the matcher.", sizeof(State), NULL,
    module_slots, module_traverse, module_clear, NULL};

PyMODINIT_FUNC PyInit__core(void) { return PyModuleDef_Init(&module); }
