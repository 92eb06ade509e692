/* Commands and options, all from one table (options.def): parsing, checks, --help, completion. */
#include "cli.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *name, *args, *help, *more;
} CmdInfo;
typedef struct {
    char letter;
    const char *name, *arg, *cmds, *help;
} OptInfo;

static const CmdInfo cmd_info[NCMD] = {
#define CMD(id, args, help, more) {#id, args, help, more},
#define OPT(id, letter, name, arg, cmds, help)
#include "options.def"
#undef CMD
#undef OPT
};

static const OptInfo opt_info[NOPT] = {
#define CMD(id, args, help, more)
#define OPT(id, letter, name, arg, cmds, help) {letter, name, arg, cmds, help},
#include "options.def"
#undef CMD
#undef OPT
};

const char *const cmd_name[NCMD] = {
#define CMD(id, args, help, more) #id,
#define OPT(id, letter, name, arg, cmds, help)
#include "options.def"
#undef CMD
#undef OPT
};

/* ---- small things ------------------------------------------------------------------------ */

void *get_memory(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p) {
        fprintf(stderr, "kiln: out of memory (%zu bytes)\n", n);
        exit(ENVIRONMENT);
    }
    return p;
}

static char *format(const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *s = get_memory((size_t)n + 1);
    vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    return s;
}

char *get_text(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *s = format(fmt, ap);
    va_end(ap);
    return s;
}

int complain(const Options *o, int status, const char *help, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *s = format(fmt, ap);
    va_end(ap);
    const char *red = o && o->color_err ? "\033[31m" : "",
               *off = o && o->color_err ? "\033[0m" : "";
    fprintf(stderr, "%skiln:%s %s\n", red, off, s);
    if (help) fprintf(stderr, "    help: %s\n", help);
    free(s);
    return status;
}

/* does the list of words hold this one */
static bool listed(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = words; (p = strstr(p, word)); p += n)
        if ((p == words || p[-1] == ' ' || p[-1] == '|') && (!p[n] || p[n] == ' ' || p[n] == '|'))
            return true;
    return false;
}

static bool takes(Cmd c, Opt o)
{
    return strcmp(opt_info[o].cmds, "*") == 0 || listed(opt_info[o].cmds, cmd_info[c].name);
}

/* insertions, deletions and changes that lead from a to b */
static int distance(const char *a, const char *b)
{
    enum { LONGEST = 24 };
    int n = (int)strlen(a), m = (int)strlen(b), row[LONGEST + 1];
    if (n > LONGEST || m > LONGEST) return LONGEST;
    for (int j = 0; j <= m; j++) row[j] = j;
    for (int i = 1; i <= n; i++) {
        int corner = row[0];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int change = corner + (a[i - 1] != b[j - 1]),
                other = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
            corner = row[j];
            row[j] = change < other ? change : other;
        }
    }
    return row[m];
}

static const char *guess(const char *word, const char *(*name)(int), int n)
{
    const char *best = NULL;
    int least = 2 + (int)strlen(word) / 3; /* one more than is forgiven */
    for (int i = 0; i < n; i++)
        if (distance(word, name(i)) < least) {
            best = name(i);
            least = distance(word, best);
        }
    return best;
}

static const char *nth_cmd(int i)
{
    return cmd_info[i].name;
}

static const char *nth_opt(int i)
{
    return opt_info[i].name;
}

const char *option(const Options *o, Opt opt)
{
    return o->n[opt] ? o->value[opt][o->n[opt] - 1] : NULL;
}

bool option_int(const Options *o, Opt opt, int64_t *out)
{
    const char *s = option(o, opt);
    char *end;
    if (!s) return true;
    errno = 0;
    long long v = strtoll(s, &end, 0);
    if (!*s || *end || errno) {
        complain(o, USAGE, NULL, "--%s takes an integer, not '%s'", opt_info[opt].name, s);
        return false;
    }
    *out = v;
    return true;
}

bool option_real(const Options *o, Opt opt, double *out)
{
    const char *s = option(o, opt);
    char *end;
    if (!s) return true;
    double v = strtod(s, &end);
    if (!*s || *end || v != v) {
        complain(o, USAGE, NULL, "--%s takes a number, not '%s'", opt_info[opt].name, s);
        return false;
    }
    *out = v;
    return true;
}

/* ---- help -------------------------------------------------------------------------------- */

static void help_options(FILE *to, const Options *o)
{
    for (int i = 0; i < NOPT; i++) {
        if (!takes(o->cmd, (Opt)i)) continue;
        const OptInfo *p = &opt_info[i];
        char left[64];
        snprintf(left, sizeof left, "%c%c%s --%s%s%s", p->letter ? '-' : ' ',
                 p->letter ? p->letter : ' ', p->letter ? "," : " ", p->name, p->arg ? "=" : "",
                 p->arg ? p->arg : "");
        fprintf(to, "  %-32s  %s\n", left, p->help);
    }
}

static void help_specs(FILE *to)
{
    fprintf(to, "\nA SPEC draws what a parameter holds; the same seed gives the same values on "
                "every machine.\n"
                "  normal        floats: N(0, 1), rounded to the type; integers: N(0, 1) times 3, "
                "rounded; bools: a coin\n"
                "  grid          small exact values. Floats of 16 bits and more: multiples of 1/64 "
                "in [-2, 2); float8: integers -8 .. 8;\n"
                "                signed integers: -8 .. 8; unsigned: 0 .. 15; bools: a coin\n"
                "  zeros         0 everywhere: what a parameter that is only written holds if "
                "nothing is said\n"
                "  perm          all elements together are a permutation of 0 .. count - 1\n"
                "  ragged        lengths 0 .. limit, both of them among the values where there is "
                "room; ragged(limit) sets the limit\n"
                "  topk          each row (last dimension): distinct indices in 0 .. limit - 1, "
                "some fewer than its length, then -1 to its end;\n"
                "                topk(limit) sets the limit\n"
                "  range(lo,hi)  uniform: integers lo <= x < hi, reals in [lo, hi)\n"
                "The limit is, when not given, the largest dimension of all tensors of the call.\n"
                "Without --input a tensor that the program reads holds normal when it is of "
                "floats, and zeros else.\n"
                "A FILE.npy has the parameter's type; bfloat16 and float8 are raw uint16 and "
                "uint8, or float32 to be rounded.\n");
}

void options_help(FILE *to, const Options *o, bool all)
{
    if (all) {
        fprintf(to,
                "kiln %s: tile programs for CPU, NVIDIA Hopper and Tenstorrent\n\nusage: kiln "
                "COMMAND [OPTION ...] ARGUMENT\n\n",
                kiln_version());
        for (int i = 0; i < NCMD; i++)
            fprintf(to, "  %-10s  %s\n", cmd_info[i].name, cmd_info[i].help);
        fprintf(to, "\n`kiln COMMAND --help` tells more. FILE may be lib:NAME, a program of the "
                    "library; FILE '-' is the standard input.\n"
                    "exit status: 0 ok, 1 the program is wrong or not supported, 2 usage, 3 the "
                    "machine cannot, 4 a bug of ours, 5 results differ\n");
        return;
    }
    const CmdInfo *c = &cmd_info[o->cmd];
    fprintf(to, "usage: kiln %s [OPTION ...] %s\n%s\n\n", c->name, c->args, c->help);
    help_options(to, o);
    if (c->more) fprintf(to, "\n%s", c->more);
    if (takes(o->cmd, O_input)) help_specs(to);
    if (takes(o->cmd, O_target) || takes(o->cmd, O_device)) {
        const char *table = takes(o->cmd, O_target) ? "targets" : "devices";
        fprintf(to, "\n%s:\n", table);
        char *name;
        for (int i = 0; (name = table_cell(o->cx, table, i, 0)); i++) {
            char *help = table_cell(o->cx, table, i, 3);
            fprintf(to, "  %-10s  %s\n", name, help);
            free(help);
            free(name);
        }
    }
}

/* ---- completion -------------------------------------------------------------------------- */

static void complete_bash(void)
{
    printf("_kiln()\n{\n    local cur=${COMP_WORDS[COMP_CWORD]} cmd=${COMP_WORDS[1]}\n    if [ "
           "$COMP_CWORD -eq 1 ]; then\n"
           "        COMPREPLY=($(compgen -W \"");
    for (int i = 0; i < NCMD; i++) printf("%s ", cmd_info[i].name);
    printf("\" -- \"$cur\"))\n        return\n    fi\n    case $cmd in\n");
    for (int c = 0; c < NCMD; c++) {
        printf("    %s) COMPREPLY=($(compgen -f -W \"", cmd_info[c].name);
        for (int i = 0; i < NOPT; i++)
            if (takes((Cmd)c, (Opt)i)) printf("--%s ", opt_info[i].name);
        printf("\" -- \"$cur\")) ;;\n");
    }
    printf("    esac\n}\ncomplete -o filenames -F _kiln kiln\n");
}

static void complete_zsh(void)
{
    printf("#compdef kiln\nautoload -U +X bashcompinit && bashcompinit\n");
    complete_bash();
}

static void complete_fish(void)
{
    for (int i = 0; i < NCMD; i++)
        printf("complete -c kiln -n __fish_use_subcommand -a %s -d \"%s\"\n", cmd_info[i].name,
               cmd_info[i].help);
    for (int c = 0; c < NCMD; c++)
        for (int i = 0; i < NOPT; i++) {
            const OptInfo *p = &opt_info[i];
            if (!takes((Cmd)c, (Opt)i)) continue;
            printf("complete -c kiln -n \"__fish_seen_subcommand_from %s\" -l %s", cmd_info[c].name,
                   p->name);
            if (p->letter) printf(" -s %c", p->letter);
            bool list = p->arg && strchr(p->arg, '|') && !strchr(p->arg, '=');
            printf(list ? " -x -a \"" : p->arg ? " -r" : "");
            for (const char *a = p->arg; list && *a; a++) putchar(*a == '|' ? ' ' : *a);
            printf(list ? "\"\n" : "\n");
        }
}

int options_completion(const char *shell)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", complete_bash}, {"zsh", complete_zsh}, {"fish", complete_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
        if (strcmp(shell, shells[i].name) == 0) {
            shells[i].print();
            return OK;
        }
    return complain(NULL, USAGE, NULL, "completion is for bash, zsh or fish, not '%s'", shell);
}

/* ---- parsing ----------------------------------------------------------------------------- */

static int find_option(const Options *o, const char *word, size_t n)
{
    for (int i = 0; i < NOPT; i++)
        if (strlen(opt_info[i].name) == n && strncmp(opt_info[i].name, word, n) == 0) return i;
    char *name = get_text("%.*s", (int)n, word);
    const char *close = guess(name, nth_opt, NOPT);
    char *help = close ? get_text("did you mean '--%s'?", close)
                       : get_text("`kiln %s --help` lists the options", cmd_name[o->cmd]);
    complain(o, USAGE, help, "there is no option '--%s'", name);
    free(help);
    free(name);
    return -1;
}

static int keep(Options *o, int i, const char *value)
{
    const OptInfo *p = &opt_info[i];
    if (!takes(o->cmd, (Opt)i))
        return complain(o, USAGE, NULL, "'kiln %s' has no option '--%s'", cmd_name[o->cmd],
                        p->name);
    if (value && strchr(p->arg, '|') && !strchr(p->arg, '=') && !listed(p->arg, value))
        return complain(o, USAGE, NULL, "--%s takes %s, not '%s'", p->name, p->arg, value);
    if (o->n[i] == MAXREPEAT)
        return complain(o, USAGE, NULL, "--%s is given more than %d times", p->name, MAXREPEAT);
    o->value[i][o->n[i]++] = value;
    return -1;
}

/* one option at argv[*at]; moves over a value that stands apart */
static int parse_option(int argc, char **argv, int *at, Options *o)
{
    const char *word = argv[*at], *value = NULL;
    int i;
    if (word[1] == '-') {
        const char *eq = strchr(word, '=');
        i = find_option(o, word + 2, eq ? (size_t)(eq - word - 2) : strlen(word + 2));
        value = eq ? eq + 1 : NULL;
    } else {
        for (i = 0; i < NOPT && opt_info[i].letter != word[1]; i++)
            ;
        if (i == NOPT) return complain(o, USAGE, NULL, "there is no option '-%c'", word[1]);
        value = word[2] ? word + 2 : NULL;
    }
    if (i < 0) return USAGE;
    if (!opt_info[i].arg && value)
        return complain(o, USAGE, NULL, "--%s takes no value", opt_info[i].name);
    if (opt_info[i].arg && !value) {
        if (*at + 1 >= argc)
            return complain(o, USAGE, NULL, "--%s needs a value: %s", opt_info[i].name,
                            opt_info[i].arg);
        value = argv[++*at];
    }
    return keep(o, i, value);
}

static void decide_color(Options *o)
{
    const char *say = option(o, O_color), *no = getenv("NO_COLOR"), *term = getenv("TERM");
    bool always = say && strcmp(say, "always") == 0, never = say && strcmp(say, "never") == 0;
    bool may = !never && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
    o->color = always || (may && isatty(STDOUT_FILENO));
    o->color_err = always || (may && isatty(STDERR_FILENO));
}

static int parse_command(const char *word, Options *o)
{
    for (int i = 0; i < NCMD; i++)
        if (strcmp(word, cmd_info[i].name) == 0) {
            o->cmd = (Cmd)i;
            return -1;
        }
    const char *close = guess(word, nth_cmd, NCMD);
    char *help = close ? get_text("did you mean '%s'?", close)
                       : get_text("`kiln --help` lists the commands");
    complain(o, USAGE, help, "there is no command '%s'", word);
    free(help);
    return USAGE;
}

int options_parse(int argc, char **argv, Options *o)
{
    decide_color(o);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        options_help(argc < 2 ? stderr : stdout, o, true);
        return argc < 2 ? USAGE : OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("kiln %s\n", kiln_version());
        return OK;
    }
    int status = parse_command(argv[1], o);
    bool plain = false; /* after "--" */
    for (int i = 2; i < argc && status < 0; i++) {
        if (!plain && strcmp(argv[i], "--") == 0)
            plain = true;
        else if (!plain && argv[i][0] == '-' && argv[i][1])
            status = parse_option(argc, argv, &i, o);
        else if (o->arg)
            status = complain(o, USAGE, NULL, "'%s' is one argument too many", argv[i]);
        else
            o->arg = argv[i];
    }
    if (status >= 0) return status;
    decide_color(o);
    if (o->n[O_version])
        printf("kiln %s\n", kiln_version());
    else if (o->n[O_help])
        options_help(stdout, o, false);
    else if (!o->arg && cmd_info[o->cmd].args[0])
        return complain(o, USAGE, NULL, "kiln %s needs an argument: %s", cmd_name[o->cmd],
                        cmd_info[o->cmd].args);
    else if (o->arg && !cmd_info[o->cmd].args[0])
        return complain(o, USAGE, NULL, "kiln %s takes no argument", cmd_name[o->cmd]);
    else
        return -1;
    return OK;
}
