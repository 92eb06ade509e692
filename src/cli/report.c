/* Messages on the standard error: as text; as JSON, one object a line, when they come up; or as one
   SARIF 2.1.0 document at the end. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>

enum { TEXT, JSON, SARIF };
struct Report {
    int form;
    FILE *results; /* SARIF: of the document, as they come */
    char *text;
    size_t size;
    int n;
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
    Report *r = o->report;
    r->form = form && strcmp(form, "json") == 0 ? JSON : form && strcmp(form, "sarif") == 0 ? SARIF : TEXT;
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void json_place(Json *j, const kiln_diagnostic *d)
{
    json_text(j, "path", d->path);
    if (!d->path) return;
    json_int(j, "line", d->line);
    json_int(j, "column", d->col);
    json_int(j, "end_line", d->end_line);
    json_int(j, "end_column", d->end_col);
}

static void put_json(const Options *o, const kiln_diagnostic *d, const kiln_diagnostic *note)
{
    (void)o;
    Json j = {.to = stderr};
    json_open(&j, NULL, '{');
    json_text(&j, "code", d->code);
    json_text(&j, "kind", d->kind);
    json_text(&j, "title", d->title);
    json_text(&j, "message", d->text);
    json_place(&j, d);
    json_open(&j, "notes", '[');
    for (int i = 0; i < d->notes; i++) {
        json_open(&j, NULL, '{');
        json_text(&j, "message", note[i].text);
        json_place(&j, &note[i]);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_text(&j, "help", d->help);
    json_close(&j, '}');
    fputc('\n', stderr);
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

static void sarif_place(Json *j, const kiln_diagnostic *d)
{
    char *uri = uri_of(d->path);
    json_open(j, "physicalLocation", '{');
    json_open(j, "artifactLocation", '{');
    json_text(j, "uri", uri);
    json_close(j, '}');
    json_open(j, "region", '{');
    json_int(j, "startLine", d->line);
    json_int(j, "startColumn", d->col);
    json_int(j, "endLine", d->end_line);
    json_int(j, "endColumn", d->end_col);
    json_close(j, '}');
    json_close(j, '}');
}

static void sarif_message(Json *j, const char *key, const char *text)
{
    json_open(j, key, '{');
    json_text(j, "text", text);
    json_close(j, '}');
}

static int rule_of(Report *r, const char *code)
{
    for (int i = 0; i < r->nrule; i++)
        if (strcmp(r->rule[i], code) == 0) return i;
    r->rule[r->nrule] = get_text("%s", code);
    return r->nrule++;
}

static void put_sarif(const Options *o, const kiln_diagnostic *d, const kiln_diagnostic *note)
{
    Report *r = o->report;
    if (!r->results) r->results = open_memstream(&r->text, &r->size);
    if (!r->results) return;
    Json j = {.to = r->results, .some = r->n++ > 0};
    json_open(&j, NULL, '{');
    json_text(&j, "ruleId", d->code);
    json_int(&j, "ruleIndex", rule_of(r, d->code));
    json_text(&j, "level", strcmp(d->kind, "warning") == 0  ? "warning"
                           : strcmp(d->kind, "remark") == 0 ? "note"
                                                            : "error");
    sarif_message(&j, "message", d->text);
    json_open(&j, "locations", '[');
    if (d->path) {
        json_open(&j, NULL, '{');
        sarif_place(&j, d);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_open(&j, "relatedLocations", '[');
    for (int i = 0; i < d->notes; i++) {
        json_open(&j, NULL, '{');
        json_int(&j, "id", i + 1);
        if (note[i].path) sarif_place(&j, &note[i]);
        sarif_message(&j, "message", note[i].text);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_open(&j, "properties", '{');
    json_text(&j, "kind", d->kind);
    json_text(&j, "help", d->help);
    json_close(&j, '}');
    json_close(&j, '}');
}

static void sarif_rules(const Options *o, Json *j)
{
    json_open(j, "rules", '[');
    for (int i = 0; i < o->report->nrule; i++) {
        const char *code = o->report->rule[i];
        char *title = table_find(o->cx, "errors", code, 2);
        const char *explain = kiln_explain(o->cx, code), *body = explain ? strchr(explain, '\n') : NULL;
        while (body && *body == '\n') body++;
        json_open(j, NULL, '{');
        json_text(j, "id", code);
        sarif_message(j, "shortDescription", title ? title : code);
        sarif_message(j, "fullDescription", body ? body : code);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void end_sarif(const Options *o, int status)
{
    Report *r = o->report;
    if (r->results) fclose(r->results);
    Json j = {.to = stderr};
    json_open(&j, NULL, '{');
    json_text(&j, "$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
    json_text(&j, "version", "2.1.0");
    json_open(&j, "runs", '[');
    json_open(&j, NULL, '{');
    json_open(&j, "tool", '{');
    json_open(&j, "driver", '{');
    json_text(&j, "name", "kiln");
    json_text(&j, "version", kiln_version());
    sarif_rules(o, &j);
    json_close(&j, '}');
    json_close(&j, '}');
    json_text(&j, "columnKind", "unicodeCodePoints");
    json_open(&j, "invocations", '[');
    json_open(&j, NULL, '{');
    json_bool(&j, "executionSuccessful", status == OK || status == BAD || status == DIFFERS);
    json_int(&j, "exitCode", status);
    json_close(&j, '}');
    json_close(&j, ']');
    json_open(&j, "results", '[');
    if (r->text) fwrite(r->text, 1, r->size, stderr);
    json_close(&j, ']');
    json_close(&j, '}');
    json_close(&j, ']');
    json_close(&j, '}');
    fputc('\n', stderr);
}

/* ---- all ----------------------------------------------------------------------------------- */

static void put(const Options *o, const kiln_diagnostic *d, const kiln_diagnostic *note)
{
    (o->report->form == JSON ? put_json : put_sarif)(o, d, note);
}

void report_messages(const Options *o)
{
    if (o->report->form == TEXT) {
        fputs(kiln_messages(o->cx), stderr);
        return;
    }
    for (int i = 0; i < kiln_diagnostics(o->cx); i++) {
        kiln_diagnostic d = {.size = sizeof d};
        kiln_diagnostic_get(o->cx, i, -1, &d);
        kiln_diagnostic *note = get_memory(sizeof *note * (size_t)d.notes);
        for (int k = 0; k < d.notes; k++) {
            note[k].size = sizeof *note;
            kiln_diagnostic_get(o->cx, i, k, &note[k]);
        }
        put(o, &d, note);
    }
}

bool report_own(const Options *o, const char *code, const char *text, const char *help)
{
    kiln_source how = {.size = sizeof how, .color = o->color_err, .werror = o->n[O_werror] > 0, .flags = flags_of(o)};
    kiln_say(o->cx, &how, code, text, help);
    report_messages(o);
    return kiln_last(o->cx) != KILN_OK;
}

void report_close(const Options *o, int status)
{
    Report *r = o->report;
    if (r->form == SARIF) end_sarif(o, status);
    free(r->text);
}
