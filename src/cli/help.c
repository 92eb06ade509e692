/* --help and the manual page, from the table of commands and options. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>

static const char statuses[] = "0 fine; 1 the program is wrong, not supported or not built yet; 2 usage; 3 the machine cannot; "
                               "4 a bug of ours; 5 a check failed: results differ";

static const struct {
    const char *name, *help;
} environment[] = {
    {"CC", "the C compiler of the CPU target; else cc, gcc or clang"},
    {"CXX", "the C++ compiler of the mock of a Tenstorrent chip; else g++"},
    {"KILN_NVRTC", "the NVRTC library, by its path"},
    {"XDG_CACHE_HOME", "the folder for what is kept between runs, an absolute path; else ~/.cache"},
    {"TMPDIR", "the folder for files that live for one run; else /tmp"},
    {"NO_COLOR", "not empty: no colours"},
    {"CLICOLOR_FORCE", "not empty and not 0: colours even where no terminal is"},
};

/* "-D, --define=NAME=VALUE" */
static char *spelling(const OptInfo *p)
{
    const char *arg = p->arg ? p->arg : "";
    bool may = arg[0] == '[';
    if (may) arg++;
    return get_text("%c%c%s --%s%s%.*s%s", p->letter ? '-' : ' ', p->letter ? p->letter : ' ', p->letter ? "," : " ",
                    p->name, p->arg ? may ? "[=" : "=" : "", (int)strcspn(arg, may ? "]" : ""), arg, may ? "]" : "");
}

static const char specs[] =
    "\nA SPEC draws what a parameter holds; the same seed gives the same values on every machine.\n"
    "  normal        floats: N(0, 1), rounded to the type; integers: N(0, 1) times 3, rounded; bools: a coin\n"
    "  grid          small exact values. Floats of 16 bits and more: multiples of 1/64 in [-2, 2); float8: integers -8 .. 8;\n"
    "                signed integers: -8 .. 8; unsigned: 0 .. 15, or what fewer bits hold; bools: a coin\n"
    "  zeros         0 everywhere: what a parameter that is only written holds if nothing is said\n"
    "  perm          all elements together are a permutation of 0 .. count - 1\n"
    "  ragged        lengths 0 .. limit, both of them among the values where there is room; ragged(limit) sets the limit\n"
    "  topk          each row (last dimension): distinct indices in 0 .. limit - 1, some fewer than its length, then -1 to its end;\n"
    "                topk(limit) sets the limit\n"
    "  range(lo,hi)  uniform: integers lo <= x < hi, reals in [lo, hi)\n"
    "The limit is, when not given, the largest dimension of all tensors of the call.\n"
    "Without --input a tensor that the program reads holds normal when it is of floats, and zeros else.\n"
    "A FILE.npy has the parameter's type, or one whose values it can hold; floats may be rounded. bfloat16, float8\n"
    "and float4 are raw bits in uint16 and uint8, or float32 to be rounded; integers of less than a byte have one each.\n";

/* a line of a text, and on to the next */
static char *next_line(const char **p)
{
    int n = (int)strcspn(*p, "\n");
    char *line = get_text("%.*s", n, *p);
    *p += n + ((*p)[n] == '\n');
    return line;
}

void help_all(FILE *to)
{
    fprintf(to, "kiln %s: tile programs for CPU, NVIDIA Hopper and Tenstorrent\n\nusage: kiln COMMAND [OPTION ...] ARGUMENT\n\n",
            kiln_version());
    for (int i = 0; i < NCMD; i++) fprintf(to, "  %-10s  %s\n", cmd_info[i].name, cmd_info[i].help);
    fprintf(to, "\n`kiln COMMAND --help` tells more. FILE may be lib:NAME, a program of the library; FILE '-' is the standard input.\n"
                "exit status: %s\n", statuses);
}

void help_command(FILE *to, const Options *o, Cmd cmd)
{
    const CmdInfo *c = &cmd_info[cmd];
    fprintf(to, "usage: kiln %s [OPTION ...]%s%s\n%s\n\n", c->name, c->args ? " " : "", c->args ? c->args : "", c->help);
    for (int i = 0; i < NOPT; i++)
        if (option_goes(cmd, (Opt)i)) fprintf(to, "  %-38s  %s\n", spelling(&opt_info[i]), opt_info[i].help);
    if (c->more) fprintf(to, "\n%s", c->more);
    if (option_goes(cmd, O_input)) fputs(specs, to);
    if (option_goes(cmd, O_target) || option_goes(cmd, O_device)) {
        const char *name = option_goes(cmd, O_target) ? "targets" : "devices";
        Table t = table_of(o, name);
        fprintf(to, "\n%s:\n", name);
        for (int i = 1; i < t.n; i++) fprintf(to, "  %-10s  %s\n", t.row[i][0], t.row[i][3]);
    }
    const char *p = c->examples;
    if (p) fprintf(to, "\nexamples:\n");
    while (p && *p) {
        char *line = next_line(&p);
        fprintf(to, "  %s\n      %s\n", line, next_line(&p));
    }
}

/* ---- the manual page ------------------------------------------------------------------------ */

/* running text of roff: backslashes, hyphens of options and dots at line starts quoted */
static void man_text(const char *s)
{
    for (const char *c = s; *c; c++) {
        bool start = c == s || c[-1] == '\n';
        printf("%s%c", *c == '\\' || *c == '-' ? "\\" : start && (*c == '.' || *c == '\'') ? "\\&" : "", *c == '\\' ? 'e' : *c);
    }
    putchar('\n');
}

static void man_item(const char *term, const char *what)
{
    printf(".TP\n.B ");
    man_text(term);
    man_text(what);
}

/* the options of one command, or those of all */
static void man_options(Cmd c, bool all)
{
    for (int i = 0; i < NOPT; i++)
        if (option_goes(c, (Opt)i) && (strcmp(opt_info[i].cmds, "*") == 0) == all) {
            const char *left = spelling(&opt_info[i]);
            man_item(left + strspn(left, " "), opt_info[i].help);
        }
}

static void man_command(Cmd c)
{
    const CmdInfo *p = &cmd_info[c];
    printf(".SS kiln %s%s", p->name, p->args ? " " : "");
    man_text(p->args ? p->args : "");
    man_text(p->help);
    if (p->more) printf(".PP\n");
    if (p->more) man_text(get_text("%.*s", (int)strlen(p->more) - 1, p->more));
    man_options(c, false);
    const char *e = p->examples;
    if (e) printf(".PP\nExamples:\n");
    while (e && *e) {
        char *line = next_line(&e);
        man_item(line, next_line(&e));
    }
}

void help_man(void)
{
    printf(".TH KILN 1 \"\" \"kiln %s\" \"User Commands\"\n.SH NAME\nkiln \\- tile programs for CPU, NVIDIA Hopper and "
           "Tenstorrent\n.SH SYNOPSIS\n.B kiln\n.I COMMAND\n[\\fIOPTION\\fR ...] \\fIARGUMENT\\fR\n.SH DESCRIPTION\n",
           kiln_version());
    man_text("Kiln reads tile programs in the TileLang dialect with a front end of its own, proves them, schedules them as reader, "
             "compute and writer, and runs them.");
    printf(".PP\n");
    man_text("A program is FILE, FILE:KERNEL when the file has several, lib:NAME for one of the library, or - for the standard input. "
             "Data goes to the standard output, messages go to the standard error.");
    printf(".SH COMMANDS\n");
    for (int c = 0; c < NCMD; c++) man_command((Cmd)c);
    printf(".SH OPTIONS OF ALL COMMANDS\n");
    man_options(C_help, true);
    printf(".SH EXIT STATUS\n");
    man_text(statuses);
    printf(".SH ENVIRONMENT\n");
    for (size_t i = 0; i < sizeof environment / sizeof environment[0]; i++)
        man_item(environment[i].name, environment[i].help);
}
