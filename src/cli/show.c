/* The page that shows what Kiln is: reader, compute and writer of one schedule, spelled for every
   machine, side by side. Each role is a band, each machine a column; under every statement of the
   schedule stands what it became. */
#define _GNU_SOURCE /* memmem */
#include "cli.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MAXSIDE = 6 };
typedef struct {
    const char *target;
    kiln_kernel *k;
    Lines cell;
    int width, base; /* base: the indentation of the role's text */
} Side;
typedef struct {
    const Options *o;
    int nside, width;
    Side side[MAXSIDE];
} Page;

static const char *paint(const Page *p, const char *code)
{
    return p->o->color ? code : "";
}

/* ---- the frame --------------------------------------------------------------------------------
 */

typedef struct {
    const char *left, *joint, *right, *line;
} Edge;

/* a title that fits between the ends of a line of the frame, with a blank on both sides */
static char *fit_title(const Page *p, const char *title)
{
    if (!title) return get_text("%s", "");
    int n = (int)strlen(title), room = p->width - 8;
    if (fold_columns(title, n) <= room) return get_text(" %s ", title);
    return get_text(" %.*s… ", fold_prefix(title, n, room - 1), title);
}

/* a line of the frame with a title set into it, over the first joints when it is long */
static void rule(const Page *p, Edge e, const char *title, const char *style)
{
    char *text = fit_title(p, title);
    int from = 1, to = from + fold_columns(text, (int)strlen(text)), at = 0;
    printf("%s%s", paint(p, "\033[2m"), e.left);
    for (int i = 0; i < p->nside; i++)
        for (int k = 0; k < p->side[i].width + 3; k++, at++) {
            bool joint = k == p->side[i].width + 2;
            if (*text && at == from)
                printf("%s%s%s%s", paint(p, "\033[0m"), paint(p, style), text,
                       paint(p, "\033[0;2m"));
            if (at < from || at >= to)
                fputs(!joint ? e.line : i + 1 < p->nside ? e.joint : e.right, stdout);
        }
    printf("%s\n", paint(p, "\033[0m"));
}

static bool is_comment(const char *s)
{
    s += strspn(s, " ");
    return strncmp(s, "//", 2) == 0 || strncmp(s, "/*", 2) == 0;
}

static void print_row(const Page *p, int row, const char *style)
{
    const char *off = paint(p, "\033[0m"), *bar = paint(p, "\033[2m");
    for (int i = 0; i < p->nside; i++) {
        const Side *s = &p->side[i];
        const char *text = row < s->cell.n ? s->cell.line[row] : "";
        const char *own = paint(p, *style ? style : is_comment(text) ? "\033[2;3m" : "");
        printf("%s│%s %s%s%s", bar, off, own, text, off);
        printf("%*s", s->width + 1 - fold_columns(text, (int)strlen(text)), "");
    }
    printf("%s│%s\n", bar, off);
}

static void print_cells(Page *p, const char *style)
{
    int rows = 0;
    for (int i = 0; i < p->nside; i++) rows = p->side[i].cell.n > rows ? p->side[i].cell.n : rows;
    for (int r = 0; r < rows; r++) print_row(p, r, style);
}

/* ---- pipes ------------------------------------------------------------------------------------
 */

/* `A_p = T.pipe((128, 64), "bfloat16", depth=3)  # reader -> compute` in words */
static char *pipe_words(const char *line, int n)
{
    char *s = get_text("%.*s", n, line), *args = strstr(s, " = T.pipe("), *ends = strstr(s, "  # ");
    char *depth = strstr(s, ", depth="), *close = ends ? ends : s + strlen(s);
    if (!args || !depth || close[-1] != ')') return s;
    close[-1] = *args = *depth = 0;
    char *to = args + 10, *from = to; /* the shape and the type, without quotes */
    for (; *from; from++)
        if (*from == ',' && from[1] == ' ' && from[2] == '"')
            continue;
        else if (*from != '"')
            *to++ = *from;
    *to = 0;
    char *arrow = ends ? strstr(ends, " -> ") : NULL;
    if (arrow) *arrow = 0;
    char *out = get_text("%s: %s → %s, %s × %s", s, ends ? ends + 4 : "?", arrow ? arrow + 4 : "?",
                         depth + 8, args + 10);
    return out;
}

/* what the roles of a launch are joined by, as the schedule says it; these lines stand between the
   line of the launch and its first role */
static char *pipes_text(kiln_kernel *k, int launch)
{
    char *out = get_text("%s", "");
    int at = -1;
    for (const char *p = kiln_text(k, "sched"); p && *p; p += strcspn(p, "\n"), p += *p == '\n') {
        const char *word = p + strspn(p, " ");
        int n = (int)strcspn(word, "\n");
        if (strncmp(word, "with T.Kernel(", 14) == 0) at++;
        bool pipe = memmem(word, (size_t)n, " = T.pipe(", 10);
        if (at != launch || (!pipe && !memmem(word, (size_t)n, " = T.order(", 11))) continue;
        char *line = pipe ? pipe_words(word, n) : get_text("%.*s", n, word);
        out = get_text("%s%s\n", out, line);
    }
    return out;
}

static void print_pipes(Page *p, int launch)
{
    for (int i = 0; i < p->nside; i++) {
        char *text = pipes_text(p->side[i].k, launch);
        p->side[i].cell = fold_text(*text ? text : "no pipes: one sequence", 0, p->side[i].width);
    }
    print_cells(p, "");
}

/* ---- roles ------------------------------------------------------------------------------------
 */

static void print_role(Page *p, int launch, const char *role)
{
    static const Edge dashed = {"├", "┼", "┤", "╌"};
    Pieces pieces[MAXSIDE];
    for (int i = 0; i < p->nside; i++) {
        const char *text = kiln_role_text(p->side[i].k, launch, role);
        pieces[i] = pieces_of(text ? text : "");
        p->side[i].base = fold_indent(text ? text : "");
    }
    for (const Piece *next; (next = pieces_next(pieces, p->nside));) {
        const char *key = next->key, *title = pieces_title(pieces, p->nside, key);
        if (title) rule(p, dashed, title, "\033[33m");
        for (int i = 0; i < p->nside; i++) {
            Side *s = &p->side[i];
            s->cell = fold_text(pieces_take(&pieces[i], key), s->base, s->width);
        }
        print_cells(p, "");
    }
}

static void print_heads(Page *p)
{
    Table t = table_of(p->o, "targets");
    for (int i = 0; i < p->nside; i++) {
        const char *target = p->side[i].target;
        p->side[i].cell = fold_text(get_text("%s: %s", target, table_find(&t, target)[3]), 0, p->side[i].width);
    }
    print_cells(p, "\033[1m");
}

static void print_page(Page *p, int launch)
{
    static const char *const roles[] = {"reader", "compute", "writer"};
    static const Edge top = {"╭", "┬", "╮", "─"}, middle = {"├", "┼", "┤", "─"},
                      bottom = {"╰", "┴", "╯", "─"};
    static const char *const strong = "\033[1;36m";
    const char *only = option(p->o, O_role);
    rule(p, top, kiln_launch_name(p->side[0].k, launch), strong);
    print_heads(p);
    if (!only) {
        rule(p, middle, "pipes", strong);
        print_pipes(p, launch);
    }
    for (int r = 0; r < 3; r++) {
        if (only && strcmp(only, roles[r]) != 0) continue;
        rule(p, middle, roles[r], strong);
        print_role(p, launch, roles[r]);
    }
    rule(p, bottom, NULL, "");
}

/* ---- the command ------------------------------------------------------------------------- */

static bool page_width(const Options *o, int *out)
{
    struct winsize w;
    int64_t n = isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0
                    ? w.ws_col
                    : 168;
    if (!option_int(o, O_width, 40, 1000, &n)) return false;
    *out = (int)n;
    return true;
}

/* the targets of --target, or all of them; a target that cannot say this program leaves its column
 * out when nobody asked for it */
static int compile_sides(Page *p)
{
    const char *said = option(p->o, O_target);
    int n = 0, status = OK;
    char **name = said ? split_list(said, ',', &n) : NULL;
    Table t = table_of(p->o, "targets");
    if (!said) n = t.n - 1;
    for (int i = 0; i < n && p->nside < MAXSIDE; i++) {
        int one;
        kiln_kernel *k = compile_for(p->o, said ? name[i] : t.row[i + 1][0], "text", &one);
        if (k)
            p->side[p->nside++] = (Side){.target = kiln_target(k), .k = k};
        else if (said || status == OK)
            status = one;
    }
    return p->nside > 0 && !said ? OK : status;
}

static int show(Page *p)
{
    int64_t launch = 0;
    int status = compile_sides(p);
    if (status != OK || !page_width(p->o, &p->width) || !option_int(p->o, O_launch, 0, INT32_MAX, &launch))
        return status != OK ? status : USAGE;
    int launches = kiln_launches(p->side[0].k);
    if (launch >= launches)
        return complain(p->o, "E0701", NULL, "there is no launch %lld; '%s' has %d",
                        (long long)launch, kiln_name(p->side[0].k), launches);
    int room = p->width - 1 - 3 * p->nside;
    for (int i = 0; i < p->nside; i++) p->side[i].width = room / p->nside + (i < room % p->nside);
    print_page(p, (int)launch);
    if (launches > 1 && !p->o->n[O_launch])
        printf("launch 0 of %d; --launch=N shows another\n", launches);
    return OK;
}

int run_show(const Options *o)
{
    Page p = {.o = o};
    int status = show(&p);
    for (int i = 0; i < p.nside; i++) kiln_free(p.side[i].k);
    return status;
}
