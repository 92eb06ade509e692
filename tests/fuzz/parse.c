/* Any bytes to the lexer and the parser. What they take is printed and read again: the same tree, and the same text from then on. */
#include "fuzz.h"
#include "lang/lang.h"

typedef struct {
    const char *text;
    size_t n;
    Node *tree;
    Text out;
} Job;

static void read_tree(Cx *cx, void *arg)
{
    Job *j = arg;
    j->tree = parse_module(cx, cx_source(cx, "<fuzz>", j->text, j->n));
}

static void print_tree(Cx *cx, void *arg)
{
    Job *j = arg;
    j->out = text_new(&cx->arena);
    unparse(&j->out, j->tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Cx *cx = cx_open();
    Job first = {.text = (const char *)data, .n = size};
    bool ok = guarded(cx, read_tree, &first);
    fuzz_messages(cx, !ok);
    if (ok && guarded(cx, print_tree, &first)) {
        Job again = {.text = first.out.s, .n = first.out.n};
        if (!guarded(cx, read_tree, &again)) {
            fuzz_messages(cx, true);
            if (!cx->exhausted && cx->diags->code != E0106) fuzz_stop("a printed tree does not read back", first.out.s);
        } else {
            if (!ast_same(first.tree, again.tree)) fuzz_stop("another tree", first.out.s);
            if (guarded(cx, print_tree, &again) && strcmp(first.out.s, again.out.s)) fuzz_stop("another text", first.out.s);
        }
    }
    cx_close(cx);
    return 0;
}
