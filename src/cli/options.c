/* Commands and options, all from one table (options.def): parsing and checks. */
#include "cli.h"
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const CmdInfo cmd_info[NCMD] = {
#define CMD(id, args, help, more, examples) {#id, run_##id, args, help, more, examples},
#define OPT(id, letter, name, arg, cmds, help)
#include "options.def"
#undef CMD
#undef OPT
};

const OptInfo opt_info[NOPT] = {
#define CMD(id, args, help, more, examples)
#define OPT(id, letter, name, arg, cmds, help) {letter, name, arg, cmds, help},
#include "options.def"
#undef CMD
#undef OPT
};

/* ---- small things ------------------------------------------------------------------------ */

typedef union Block Block;
union Block {
    Block *next;
    max_align_t align;
};
static Block *blocks; /* all that the command has asked for: it lives until the command ends */

_Noreturn void no_memory(void)
{
    fprintf(stderr, "kiln: device[E0904]: out of memory\n    help: use smaller sizes\n");
    memory_end();
    exit(ENVIRONMENT);
}

void *get_memory(size_t n)
{
    Block *b = n < SIZE_MAX - sizeof *b ? calloc(1, sizeof *b + n) : NULL;
    if (!b) no_memory();
    b->next = blocks;
    blocks = b;
    return b + 1;
}

void memory_end(void)
{
    for (Block *next; blocks; blocks = next) {
        next = blocks->next;
        free(blocks);
    }
}

char *get_vtext(const char *fmt, va_list ap)
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
    char *s = get_vtext(fmt, ap);
    va_end(ap);
    return s;
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

bool option_goes(Cmd c, Opt o)
{
    return strcmp(opt_info[o].cmds, "*") == 0 || listed(opt_info[o].cmds, cmd_info[c].name);
}

bool option_listed(Opt o)
{
    const char *arg = opt_info[o].arg;
    return arg && strchr(arg, '|') && !strchr(arg, '=');
}

const char *option(const Options *o, Opt opt)
{
    return o->n[opt] ? o->value[opt][o->n[opt] - 1] : NULL;
}

bool option_int(const Options *o, Opt opt, int64_t lo, int64_t hi, int64_t *out)
{
    const char *s = option(o, opt);
    char *end;
    if (!s) return true;
    errno = 0;
    *out = strtoll(s, &end, 0);
    return (*s && !*end && !errno && *out >= lo && *out <= hi) ||
           !complain(o, "E0701", NULL, "--%s takes an integer from %lld to %lld, not '%s'", opt_info[opt].name, (long long)lo,
                  (long long)hi, s);
}

bool option_real(const Options *o, Opt opt, double *out)
{
    const char *s = option(o, opt);
    char *end;
    if (!s) return true;
    *out = strtod(s, &end);
    return (*s && !*end && *out >= 0) ||
           !complain(o, "E0701", NULL, "--%s takes a number from 0, not '%s'", opt_info[opt].name, s);
}

/* ---- parsing ----------------------------------------------------------------------------- */

static int find_option(const Options *o, const char *word, size_t n)
{
    for (int i = 0; i < NOPT; i++)
        if (strlen(opt_info[i].name) == n && strncmp(opt_info[i].name, word, n) == 0) return i;
    const char *names[NOPT], *name = get_text("%.*s", (int)n, word);
    for (int i = 0; i < NOPT; i++) names[i] = opt_info[i].name;
    const char *close = kiln_nearest(name, names, NOPT);
    complain(o, "E0701", close ? get_text("did you mean '--%s'?", close)
                             : get_text("`kiln %s --help` lists the options", cmd_info[o->cmd].name),
             "there is no option '--%s'", name);
    return -1;
}

static int keep(Options *o, int i, const char *value)
{
    const OptInfo *p = &opt_info[i];
    if (!option_goes(o->cmd, (Opt)i))
        return complain(o, "E0701", NULL, "'kiln %s' has no option '--%s'", cmd_info[o->cmd].name,
                        p->name);
    if (value && option_listed((Opt)i) && !listed(p->arg, value))
        return complain(o, "E0701", NULL, "--%s takes %s, not '%s'", p->name, p->arg, value);
    if (o->n[i] == MAXREPEAT)
        return complain(o, "E0701", NULL, "--%s is given more than %d times", p->name, MAXREPEAT);
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
        if (i == NOPT) return complain(o, "E0701", NULL, "there is no option '-%c'", word[1]);
        value = word[2] ? word + 2 : NULL;
    }
    if (i < 0) return USAGE;
    if (!opt_info[i].arg && value)
        return complain(o, "E0701", NULL, "--%s takes no value", opt_info[i].name);
    if (opt_info[i].arg && opt_info[i].arg[0] != '[' && !value) {
        if (*at + 1 >= argc)
            return complain(o, "E0701", NULL, "--%s needs a value: %s", opt_info[i].name,
                            opt_info[i].arg);
        value = argv[++*at];
    }
    return keep(o, i, value);
}

/* what is said wins, then NO_COLOR, then CLICOLOR_FORCE; else colours are for terminals */
static void decide_color(Options *o)
{
    const char *say = option(o, O_color), *no = getenv("NO_COLOR"), *term = getenv("TERM"),
               *force = getenv("CLICOLOR_FORCE"), *may = getenv("CLICOLOR");
    bool always = say && strcmp(say, "always") == 0, never = say && strcmp(say, "never") == 0;
    if (!always && no && *no) never = true;
    if (!never && force && *force && strcmp(force, "0") != 0) always = true;
    if (!always && ((term && strcmp(term, "dumb") == 0) || (may && strcmp(may, "0") == 0)))
        never = true;
    o->color = always || (!never && isatty(STDOUT_FILENO));
    o->color_err = always || (!never && isatty(STDERR_FILENO));
}

static int parse_command(const char *word, Options *o)
{
    const char *names[NCMD];
    for (int i = 0; i < NCMD; i++) {
        names[i] = cmd_info[i].name;
        if (strcmp(word, names[i]) != 0) continue;
        o->cmd = (Cmd)i;
        return -1;
    }
    const char *close = kiln_nearest(word, names, NCMD);
    return complain(o, "E0701", close ? get_text("did you mean '%s'?", close) : "`kiln --help` lists the commands",
                    "there is no command '%s'", word);
}

/* the words after the command; -1: go on */
static int parse_words(int argc, char **argv, Options *o)
{
    const char *args = cmd_info[o->cmd].args;
    bool plain = false; /* after "--" */
    int status = -1;
    for (int i = 2; i < argc && status < 0; i++) {
        if (!plain && strcmp(argv[i], "--") == 0) {
            plain = true;
            if (args && strstr(args, "--")) {
                o->rest = argv + i + 1;
                o->nrest = argc - i - 1;
                break;
            }
        } else if (!plain && argv[i][0] == '-' && argv[i][1]) {
            status = parse_option(argc, argv, &i, o);
        } else if (o->arg) {
            status = complain(o, "E0701", NULL, "'%s' is one argument too many", argv[i]);
        } else {
            o->arg = argv[i];
        }
    }
    return status;
}

int options_parse(int argc, char **argv, Options *o)
{
    decide_color(o);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help_all(argc < 2 ? stderr : stdout);
        return argc < 2 ? USAGE : OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("kiln %s\n", kiln_version());
        return OK;
    }
    int status = parse_command(argv[1], o);
    if (status < 0) status = parse_words(argc, argv, o);
    decide_color(o);
    report_as(o, option(o, O_diagnostics));
    if (status >= 0) return status;
    const char *args = cmd_info[o->cmd].args;
    if (o->n[O_version])
        printf("kiln %s\n", kiln_version());
    else if (o->n[O_help])
        help_command(stdout, o, o->cmd);
    else if (!o->arg && args && args[0] != '[')
        return complain(o, "E0701", NULL, "kiln %s needs an argument: %s", cmd_info[o->cmd].name, args);
    else if (o->arg && !args)
        return complain(o, "E0701", NULL, "kiln %s takes no argument", cmd_info[o->cmd].name);
    else
        return -1;
    return OK;
}

int run_help(const Options *o)
{
    Options other = *o;
    int status = o->arg && !o->n[O_man] ? parse_command(o->arg, &other) : OK;
    if (o->n[O_man])
        help_man();
    else if (!o->arg)
        help_all(stdout);
    else if (status < 0)
        help_command(stdout, &other, other.cmd);
    return status < 0 ? OK : status;
}
