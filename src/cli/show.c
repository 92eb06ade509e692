/* The page that shows what Kiln is: reader, compute and writer of one schedule, spelled for every
   machine, side by side.

   Each role is a band, each machine a column. Texts keep their indentation, halved, and are folded
   to the column. */
#define _GNU_SOURCE /* memmem */
#include "cli.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MAXSIDE = 6 };
typedef struct {
    char **line;
    int n, cap;
} Lines;
typedef struct {
    const char *target;
    kiln_kernel *k;
    Lines cell;
    int width;
} Side;
typedef struct {
    const Options *o;
    int nside, width;
    Side side[MAXSIDE];
} Page;

/* ---- lines folded to a width ------------------------------------------------------------- */

/* columns that n bytes of UTF-8 take; every character counts as one */
static int columns(const char *s, int n)
{
    int c = 0;
    for (int i = 0; i < n; i++) c += ((unsigned char)s[i] & 0xC0) != 0x80;
    return c;
}

/* bytes of the first c columns */
static int prefix(const char *s, int n, int c)
{
    int i = 0;
    while (i < n && c > 0) {
        i++;
        while (i < n && ((unsigned char)s[i] & 0xC0) == 0x80) i++;
        c--;
    }
    return i;
}

static void add_line(Lines *l, const char *s, int n, int indent)
{
    if (l->n == l->cap) {
        int cap = l->cap ? 2 * l->cap : 64;
        char **more = get_memory(sizeof *more * (size_t)cap);
        if (l->n) memcpy(more, l->line, sizeof *more * (size_t)l->n);
        free(l->line);
        l->line = more;
        l->cap = cap;
    }
    l->line[l->n++] = get_text("%*s%.*s", indent, "", n, s);
}

/* where to fold text that is too long: after the last blank, comma or opening bracket that fits,
 * else hard */
static int fold_at(const char *s, int n, int width)
{
    int most = prefix(s, n, width);
    if (most >= n) return n;
    for (int i = most; i > most / 3; i--)
        if (s[i] == ' ' || s[i - 1] == ',' || s[i - 1] == '(') return i;
    return most;
}

static void fold_line(Lines *out, const char *s, int n, int indent, int width)
{
    if (indent > width / 2) indent = width / 2;
    for (bool first = true; n > 0 || first; first = false) {
        int more = first ? indent : indent + 2 < width / 2 ? indent + 2 : indent;
        int take = fold_at(s, n, width - more);
        add_line(out, s, take, more);
        s += take;
        n -= take;
        while (n > 0 && *s == ' ') {
            s++;
            n--;
        }
    }
}

/* a line that must be folded and ends in a comment: the comment goes above it */
static int comment_at(const char *s, int n)
{
    for (int i = 1; i + 3 < n; i++)
        if (s[i] == ' ' && (strncmp(s + i + 1, "// ", 3) == 0 ||
                            strncmp(s + i + 1, "/* ", 3) == 0 || strncmp(s + i + 1, "# ", 2) == 0))
            return i + 1;
    return n;
}

static void fold_commented(Lines *out, const char *s, int n, int indent, int width)
{
    int at = columns(s, n) > width - indent ? comment_at(s, n) : n;
    if (at < n) {
        fold_line(out, s + at, n - at, indent, width);
        for (n = at; n > 0 && s[n - 1] == ' '; n--)
            ;
    }
    fold_line(out, s, n, indent, width);
}

static int indent_of(const char *s)
{
    int n = 0;
    for (; *s == ' ' || *s == '\t'; s++) n += *s == '\t' ? 4 : 1;
    return n;
}

static int line_length(const char *s)
{
    int n = (int)strcspn(s, "\n");
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\r')) n--;
    return n;
}

/* the least indentation of all lines with text */
static int common_indent(const char *text)
{
    int least = 1000;
    for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
        if (line_length(p) > 0 && indent_of(p) < least) least = indent_of(p);
    return least;
}

static Lines fold_text(const char *text, int width)
{
    Lines out = {0};
    int base = common_indent(text);
    while (*text) {
        int n = line_length(text), indent = indent_of(text), skip = (int)strspn(text, " \t");
        if (n > skip)
            fold_commented(&out, text + skip, n - skip, indent > base ? (indent - base) / 2 : 0,
                           width);
        else if (out.n > 0)
            add_line(&out, "", 0, 0);
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    while (out.n > 0 && !out.line[out.n - 1][0]) free(out.line[--out.n]);
    return out;
}

static void free_lines(Lines *l)
{
    for (int i = 0; i < l->n; i++) free(l->line[i]);
    free(l->line);
    *l = (Lines){0};
}

/* ---- the page ---------------------------------------------------------------------------- */

static const char *paint(const Page *p, const char *code)
{
    return p->o->color ? code : "";
}

static void repeat(const char *s, int n)
{
    while (n-- > 0) fputs(s, stdout);
}

/* a line of the frame: left end, joint, right end, and words set into it */
static void rule(const Page *p, const char *left, const char *joint, const char *right,
                 const char *title)
{
    printf("%s%s", paint(p, "\033[2m"), left);
    for (int i = 0; i < p->nside; i++) {
        int n = p->side[i].width + 2;
        if (i == 0 && title) {
            printf("─%s %s%s%s ", paint(p, "\033[0m"), paint(p, "\033[1;36m"), title,
                   paint(p, "\033[0;2m"));
            n -= columns(title, (int)strlen(title)) + 3;
        }
        repeat("─", n);
        fputs(i + 1 < p->nside ? joint : right, stdout);
    }
    printf("%s\n", paint(p, "\033[0m"));
}

static bool is_comment(const char *s)
{
    s += strspn(s, " ");
    return strncmp(s, "//", 2) == 0 || strncmp(s, "/*", 2) == 0 || strncmp(s, "# ", 2) == 0;
}

static void print_row(const Page *p, int row, const char *style)
{
    const char *off = paint(p, "\033[0m"), *bar = paint(p, "\033[2m");
    for (int i = 0; i < p->nside; i++) {
        const Side *s = &p->side[i];
        const char *text = row < s->cell.n ? s->cell.line[row] : "";
        printf("%s│%s %s%s%s", bar, off,
               style ? style : paint(p, is_comment(text) ? "\033[2;3m" : ""), text, off);
        repeat(" ", s->width + 1 - columns(text, (int)strlen(text)));
    }
    printf("%s│%s\n", bar, off);
}

static void print_cells(Page *p, const char *style)
{
    int rows = 0;
    for (int i = 0; i < p->nside; i++) rows = p->side[i].cell.n > rows ? p->side[i].cell.n : rows;
    for (int r = 0; r < rows; r++) print_row(p, r, style);
    for (int i = 0; i < p->nside; i++) free_lines(&p->side[i].cell);
}

/* what the roles of this launch are joined by, as the schedule says it; its lines stand between the
 * launch's and its first role */
static char *pipes_text(kiln_kernel *k, int launch)
{
    char *out = get_text("%s", "");
    int at = -1;
    for (const char *p = kiln_text(k, "sched"); p && *p; p += strcspn(p, "\n"), p += *p == '\n') {
        int n = line_length(p);
        const char *word = p + strspn(p, " ");
        if (strncmp(word, "with T.Kernel(", 14) == 0) at++;
        bool joins =
            memmem(p, (size_t)n, " = T.pipe(", 10) || memmem(p, (size_t)n, " = T.order(", 11);
        if (at != launch || !joins) continue;
        char *more = get_text("%s%.*s\n", out, n - (int)(word - p), word);
        free(out);
        out = more;
    }
    return out;
}

static void fill_pipes(Page *p, int launch)
{
    for (int i = 0; i < p->nside; i++) {
        char *text = pipes_text(p->side[i].k, launch);
        p->side[i].cell = fold_text(*text ? text : "(no pipes: one sequence)", p->side[i].width);
        free(text);
    }
}

static void fill_role(Page *p, int launch, const char *role)
{
    for (int i = 0; i < p->nside; i++) {
        const char *text = kiln_role_text(p->side[i].k, launch, role);
        p->side[i].cell = fold_text(text && *text ? text : "(nothing)", p->side[i].width);
    }
}

static void fill_heads(Page *p)
{
    for (int i = 0; i < p->nside; i++) {
        char *help = table_find(p->o->cx, "targets", p->side[i].target, 3),
             *text = get_text("%s: %s", p->side[i].target, help ? help : "");
        p->side[i].cell = fold_text(text, p->side[i].width);
        free(text);
        free(help);
    }
}

static void print_page(Page *p, int launch)
{
    static const char *const roles[] = {"reader", "compute", "writer"};
    const char *only = option(p->o, O_role);
    char *title = get_text("%s", kiln_launch_name(p->side[0].k, launch));
    rule(p, "╭", "┬", "╮", title);
    free(title);
    fill_heads(p);
    print_cells(p, paint(p, "\033[1m"));
    if (!only) {
        rule(p, "├", "┼", "┤", "pipes");
        fill_pipes(p, launch);
        print_cells(p, NULL);
    }
    for (int r = 0; r < 3; r++) {
        if (only && strcmp(only, roles[r]) != 0) continue;
        rule(p, "├", "┼", "┤", roles[r]);
        fill_role(p, launch, roles[r]);
        print_cells(p, NULL);
    }
    rule(p, "╰", "┴", "╯", NULL);
}

/* ---- the command ------------------------------------------------------------------------- */

static bool page_width(const Options *o, int *out)
{
    struct winsize w;
    int64_t n = isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0
                    ? w.ws_col
                    : 168;
    if (!option_int(o, O_width, &n)) return false;
    if (n < 40 || n > 1000) {
        complain(o, USAGE, NULL, "--width takes 40 to 1000, not %lld", (long long)n);
        return false;
    }
    *out = (int)n;
    return true;
}

/* the targets of --target, or all of them; a target that cannot say this program leaves its column
 * out when nobody asked for it */
static int compile_sides(Page *p)
{
    const char *said = option(p->o, O_target);
    int n = 0, status = OK;
    char **name = said ? split_list(said, ',', &n) : NULL, *row;
    while (!said && n < MAXSIDE && (row = table_cell(p->o->cx, "targets", n, 0))) {
        if (!name) name = get_memory(sizeof *name * MAXSIDE);
        name[n++] = row;
    }
    for (int i = 0; i < n && p->nside < MAXSIDE; i++) {
        int one;
        kiln_kernel *k = compile_for(p->o, name[i], "text", &one);
        if (k)
            p->side[p->nside++] = (Side){.target = kiln_target(k), .k = k};
        else if (said || status == OK)
            status = one;
    }
    for (int i = 0; !said && i < n; i++) free(name[i]);
    free(name);
    return p->nside > 0 && !said ? OK : status;
}

static int show(Page *p)
{
    int64_t launch = 0;
    int status = compile_sides(p);
    if (status != OK || !page_width(p->o, &p->width) || !option_int(p->o, O_launch, &launch))
        return status != OK ? status : USAGE;
    int launches = kiln_launches(p->side[0].k);
    if (launch < 0 || launch >= launches)
        return complain(p->o, USAGE, NULL, "there is no launch %lld; '%s' has %d",
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
