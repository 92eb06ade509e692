/* Messages on the standard error: as text; as JSON, one object a line, when they come up; or as one
   SARIF 2.1.0 document at the end. */
#include "cli.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT, JSON, SARIF };
struct Report {
    int form;
    FILE *results; /* SARIF: of the document, as they come */
    char *text;
    size_t size;
    char *rule[256]; /* codes that were told */
    int nrule;
};

Report *report_open(void)
{
    return get_memory(sizeof(Report));
}

bool report_is_text(const Options *o)
{
    return o->report->form == TEXT;
}

void report_as(const Options *o, const char *form)
{
    o->report->form = !form ? TEXT : strcmp(form, "json") == 0 ? JSON : strcmp(form, "sarif") == 0 ? SARIF : TEXT;
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void json_place(const kiln_diagnostic *d)
{
    json_put(stderr, ", 'path': %s", d->path);
    if (d->path)
        json_put(stderr, ", 'line': %d, 'column': %d, 'end_line': %d, 'end_column': %d", d->line, d->col, d->end_line,
                 d->end_col);
}

static void put_json(const kiln_diagnostic *d, const kiln_diagnostic *note)
{
    json_put(stderr, "{'code': %s, 'kind': %s, 'title': %s, 'message': %s", d->code, d->kind, d->title, d->text);
    json_place(d);
    json_put(stderr, ", 'notes': [");
    for (int i = 0; i < d->notes; i++) {
        json_put(stderr, i ? ", {'message': %s" : "{'message': %s", note[i].text);
        json_place(&note[i]);
        json_put(stderr, "}");
    }
    json_put(stderr, "], 'help': %s}\n", d->help);
}

/* ---- SARIF --------------------------------------------------------------------------------- */

/* a path as a relative or file: reference */
static char *uri_of(const char *path)
{
    char *out = get_memory(strlen(path) * 3 + 8);
    size_t n = path[0] == '/' ? (size_t)sprintf(out, "file://") : 0;
    for (const unsigned char *s = (const unsigned char *)path; *s; s++) {
        bool plain = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
                     (*s >= '0' && *s <= '9') || strchr("-._~/", *s);
        n += (size_t)sprintf(out + n, plain ? "%c" : "%%%02X", *s);
    }
    return out;
}

static void sarif_place(FILE *to, const kiln_diagnostic *d)
{
    json_put(to,
             "'physicalLocation': {'artifactLocation': {'uri': %s}, 'region': {'startLine': %d, 'startColumn': %d, "
             "'endLine': %d, 'endColumn': %d}}",
             uri_of(d->path), d->line, d->col, d->end_line, d->end_col);
}

static int rule_of(Report *r, const char *code)
{
    for (int i = 0; i < r->nrule; i++)
        if (strcmp(r->rule[i], code) == 0) return i;
    r->rule[r->nrule] = get_text("%s", code);
    return r->nrule++;
}

static void put_sarif(Report *r, const kiln_diagnostic *d, const kiln_diagnostic *note)
{
    bool first = !r->results;
    if (first) r->results = open_memstream(&r->text, &r->size);
    FILE *to = r->results;
    if (!to) return;
    const char *level = strcmp(d->kind, "warning") == 0 ? "warning" : strcmp(d->kind, "remark") == 0 ? "note" : "error";
    json_put(to, first ? "" : ", ");
    json_put(to, "{'ruleId': %s, 'ruleIndex': %d, 'level': %s, 'message': {'text': %s}, 'locations': [", d->code,
             rule_of(r, d->code), level, d->text);
    if (d->path) {
        json_put(to, "{");
        sarif_place(to, d);
        json_put(to, "}");
    }
    json_put(to, "], 'relatedLocations': [");
    for (int i = 0; i < d->notes; i++) {
        json_put(to, i ? ", {'id': %d, " : "{'id': %d, ", i + 1);
        if (note[i].path) sarif_place(to, &note[i]);
        json_put(to, note[i].path ? ", 'message': {'text': %s}}" : "'message': {'text': %s}}", note[i].text);
    }
    json_put(to, "], 'properties': {'kind': %s, 'help': %s}}", d->kind, d->help);
}

static void end_sarif(const Options *o, int status)
{
    Report *r = o->report;
    Table errors = table_of(o, "errors");
    if (r->results) fclose(r->results);
    json_put(stderr,
             "{'$schema': %s, 'version': '2.1.0', 'runs': [{'tool': {'driver': {'name': 'kiln', 'version': %s, 'rules': [",
             "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", kiln_version());
    for (int i = 0; i < r->nrule; i++) {
        const char *code = r->rule[i], *body = strchr(kiln_explain(o->cx, code), '\n');
        json_put(stderr, i ? ", " : "");
        json_put(stderr, "{'id': %s, 'shortDescription': {'text': %s}, 'fullDescription': {'text': %s}}", code,
                 table_find(&errors, code)[2], body + strspn(body, "\n"));
    }
    json_put(stderr, "]}}, 'columnKind': 'unicodeCodePoints', 'invocations': [{'executionSuccessful': ");
    fputs(status == OK || status == BAD || status == DIFFERS ? "true" : "false", stderr);
    json_put(stderr, ", 'exitCode': %d}], 'results': [", status);
    if (r->text) fwrite(r->text, 1, r->size, stderr);
    json_put(stderr, "]}]}\n");
}

/* ---- all ----------------------------------------------------------------------------------- */

void report_messages(const Options *o)
{
    if (report_is_text(o)) fputs(kiln_messages(o->cx), stderr);
    for (int i = 0; !report_is_text(o) && i < kiln_diagnostics(o->cx); i++) {
        kiln_diagnostic d = {.size = sizeof d};
        kiln_diagnostic_get(o->cx, i, -1, &d);
        kiln_diagnostic *note = get_memory(sizeof *note * (size_t)d.notes);
        for (int k = 0; k < d.notes; k++) {
            note[k].size = sizeof *note;
            kiln_diagnostic_get(o->cx, i, k, &note[k]);
        }
        o->report->form == JSON ? put_json(&d, note) : put_sarif(o->report, &d, note);
    }
}

int complain(const Options *o, const char *code, const char *help, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    kiln_source how = source_of(o);
    kiln_say(o->cx, &how, code, get_vtext(fmt, ap), help);
    va_end(ap);
    report_messages(o);
    return (int)kiln_last(o->cx);
}

void report_close(const Options *o, int status)
{
    if (o->report->form == SARIF) end_sarif(o, status);
    free(o->report->text);
}
