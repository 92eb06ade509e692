/* What a call had to say: the diagnostics of a compilation or of a device, kept in the context as
   text and as data, and what the flags make of warnings and remarks. */
#include "api/api.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- flags ---------------------------------------------------------------------------------- */

void message_slug(ErrCode code, char *out, size_t size)
{
    size_t n = 0;
    for (const char *s = err_info[code].title; *s && n + 1 < size; s++)
        out[n++] = isalnum((unsigned char)*s) ? (char)tolower((unsigned char)*s) : '-';
    out[n] = 0;
}

/* a name is a code, the title with dashes, or a word of it */
static bool is_named(ErrCode code, const char *slug, const char *name)
{
    size_t n = strlen(name);
    if (strcmp(name, err_info[code].name) == 0 || strcmp(name, slug) == 0) return true;
    for (const char *p = slug; n > 3 && (p = strstr(p, name)); p++)
        if ((p == slug || p[-1] == '-') && (!p[n] || p[n] == '-')) return true;
    return false;
}

static bool treat(Cx *cx, const char *flag, const char *name, Treat how)
{
    const char *slugs[NERR];
    int n = 0;
    bool found = false;
    for (int c = 0; c < NERR; c++) {
        char slug[96];
        if (err_info[c].kind < K_WARNING) continue;
        message_slug((ErrCode)c, slug, sizeof slug);
        slugs[n++] = arena_text(&cx->arena, slug);
        if (!is_named((ErrCode)c, slug, name)) continue;
        cx->opt.treat[c] = (uint8_t)how;
        found = true;
    }
    const char *near = nearest(name, slugs, n);
    if (!found)
        report(cx, E0701, (Span){0},
               near ? arena_printf(&cx->arena, "did you mean '%s'?", near) : "`kiln ops --warnings` lists the names",
               "%s: there is no warning or remark '%s'", flag, name);
    return found;
}

static bool take_flag(Cx *cx, const char *flag)
{
    static const struct {
        const char *prefix;
        bool all; /* of a kind; else those of the name that follows */
        Treat how;
    } row[] = {{"Werror=", false, TREAT_ERROR}, {"Wno-error=", false, TREAT_SHOW}, {"Werror", true, TREAT_ERROR},
               {"Wno-error", true, TREAT_SHOW}, {"Wno-all", true, TREAT_OFF},      {"Wall", true, TREAT_SHOW},
               {"Wno-", false, TREAT_OFF},      {"R=", false, TREAT_SHOW},         {"R", true, TREAT_SHOW},
               {"R", false, TREAT_SHOW},        {"W", false, TREAT_SHOW},          {"", false, TREAT_SHOW}};
    const char *s = flag + (flag[0] == '-');
    int i = 0;
    while (row[i].all ? strcmp(s, row[i].prefix) != 0 : strncmp(s, row[i].prefix, strlen(row[i].prefix)) != 0) i++;
    if (!row[i].all) return treat(cx, flag, s + strlen(row[i].prefix), row[i].how);
    /* R: of errors too: what a target cannot do is told as a remark */
    for (int c = 0; c < NERR; c++)
        if ((err_info[c].kind == K_WARNING) == (s[0] == 'W')) cx->opt.treat[c] = (uint8_t)row[i].how;
    return true;
}

bool message_flags(Cx *cx, const kiln_source *s)
{
    bool ok = true;
    cx->opt.werror = s->werror != 0;
    for (const char *const *flag = s->flags; flag && *flag; flag++) ok &= take_flag(cx, *flag);
    return ok;
}

/* ---- telling -------------------------------------------------------------------------------- */

void message_begin(kiln_context *cx)
{
    arena_free(&cx->said);
    cx->messages = "";
    cx->diag = NULL;
    cx->ndiag = 0;
    cx->last = KILN_OK;
}

static kiln_status status_of(ErrCode code)
{
    if (err_info[code].kind == K_DEVICE) return KILN_ENVIRONMENT;
    if (err_info[code].kind == K_BUG) return KILN_INTERNAL;
    bool call = code == E0602 || strncmp(err_info[code].name, "E07", 3) == 0;
    return call ? KILN_USAGE : KILN_PROGRAM;
}

static kiln_diagnostic placed(Arena *a, const Cx *cx, Span s, const char *text)
{
    kiln_diagnostic d = {.size = sizeof d, .text = arena_text(a, text)};
    if (!s.file) return d;
    d.path = arena_text(a, cx->source[s.file]->path);
    span_line_col(cx, s, &d.line, &d.col);
    span_end(cx, s, &d.end_line, &d.end_col);
    return d;
}

/* message i of `all`, its notes after it */
static void keep_diag(kiln_context *to, const Cx *cx, const Diag *d, Kept *out)
{
    Arena *a = &to->said;
    out->own = placed(a, cx, d->span, d->text);
    out->own.code = err_info[d->code].name;
    out->own.kind = diag_kind_name[d->kind];
    out->own.title = err_info[d->code].title;
    out->own.help = d->help ? arena_text(a, d->help) : diag_help(a, d->code);
    int n = 0;
    for (const Note *k = d->notes; k; k = k->next) n++;
    out->note = NEWN(a, kiln_diagnostic, MAX(n, 1));
    out->own.notes = MAX(n, 1);
    if (!n) out->note[0] = placed(a, cx, (Span){0}, diag_why(a, d->code));
    n = 0;
    for (const Note *k = d->notes; k; k = k->next) out->note[n++] = placed(a, cx, k->span, k->text);
}

static bool is_shown(const Cx *cx, const Diag *d, bool remarks)
{
    return d->kind != K_REMARK || remarks || cx->opt.treat[d->code] == TREAT_SHOW;
}

kiln_status message_tell(kiln_context *to, const Cx *cx, bool color, bool remarks)
{
    enum { SHOWN = 20 };
    Text t = text_new(&to->said);
    int n = 0;
    for (const Diag *d = cx->diags; d; d = d->next) {
        n += is_shown(cx, d, remarks);
        if (d->kind < K_WARNING && to->last == KILN_OK) to->last = status_of(d->code);
    }
    to->diag = NEWN(&to->said, Kept, n);
    for (const Diag *d = cx->diags; d; d = d->next) {
        if (!is_shown(cx, d, remarks)) continue;
        if (to->ndiag < SHOWN) diag_print(cx, d, &t, color);
        keep_diag(to, cx, d, &to->diag[to->ndiag++]);
    }
    if (n > SHOWN) text_add(&t, "... and %d messages more\n", n - SHOWN);
    to->messages = t.s;
    return to->last;
}

/* Devices say "gemm.py:14: ..." where they know a line alone: that line, and what follows. */
static Span line_said(const Cx *cx, char **text)
{
    for (int file = 1; file < cx->nsource; file++) {
        const Source *s = cx->source[file];
        size_t n = strlen(s->path), from = 0;
        char *end;
        if (strncmp(*text, s->path, n) != 0 || (*text)[n] != ':') continue;
        long line = strtol(*text + n + 1, &end, 10);
        if (strncmp(end, ": ", 2) != 0) continue;
        for (; line > 1 && from < s->n; from++) line -= s->text[from] == '\n';
        from += strspn(s->text + from, " \t");
        *text = end + 2;
        return (Span){(uint32_t)file, (uint32_t)from, (uint32_t)strcspn(s->text + from, "#\r\n")};
    }
    return (Span){0};
}

kiln_status message_tell_err(kiln_context *to, const Cx *cx, const Err *e, bool color)
{
    char *text = arena_text(&to->said, e->text), *help = arena_text(&to->said, e->help);
    text_clean(text);
    text_clean(help);
    Span line = line_said(cx, &text);
    Diag d = {.code = e->code,
              .kind = err_info[e->code].kind,
              .span = e->at.file ? e->at : line,
              .text = text,
              .help = help[0] ? help : NULL};
    Text t = text_new(&to->said);
    diag_print(cx, &d, &t, color);
    to->diag = NEW(&to->said, Kept);
    keep_diag(to, cx, &d, &to->diag[0]);
    to->ndiag = 1;
    to->messages = t.s;
    return to->last = status_of(e->code);
}

/* ---- asking --------------------------------------------------------------------------------- */

const char *kiln_messages(const kiln_context *cx)
{
    return cx->messages;
}

kiln_status kiln_last(const kiln_context *cx)
{
    return cx->last;
}

int kiln_diagnostics(const kiln_context *cx)
{
    return cx->ndiag;
}

kiln_status kiln_diagnostic_get(const kiln_context *cx, int i, int note, kiln_diagnostic *out)
{
    if (i < 0 || i >= cx->ndiag || note < -1 || note >= cx->diag[i].own.notes) return KILN_USAGE;
    kiln_diagnostic d = note < 0 ? cx->diag[i].own : cx->diag[i].note[note];
    d.size = out->size;
    memcpy(out, &d, MIN(out->size, sizeof d));
    return KILN_OK;
}
