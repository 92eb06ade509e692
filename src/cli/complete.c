/* Completion of commands, options and their values, for three shells, from the table of options. */
#include "cli.h"
#include <string.h>

/* values of options whose argument is a list, as words */
static void put_words(const char *arg)
{
    for (; *arg; arg++) putchar(*arg == '|' ? ' ' : *arg);
}

/* the values of options that take one of a list, then options and files */
static void complete_bash(void)
{
    printf("_kiln()\n{\n    local cur=${COMP_WORDS[COMP_CWORD]} cmd=${COMP_WORDS[1]} opt=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    if [ \"$opt\" = = ]; then opt=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
           "    if [ \"$cur\" = = ]; then opt=${COMP_WORDS[COMP_CWORD-1]} cur=; fi\n"
           "    if [ $COMP_CWORD -eq 1 ]; then\n        COMPREPLY=($(compgen -W \"");
    for (int i = 0; i < NCMD; i++) printf("%s ", cmd_info[i].name);
    printf("\" -- \"$cur\"))\n        return\n    fi\n    case $opt in\n");
    for (int i = 0; i < NOPT; i++) {
        if (!option_listed((Opt)i)) continue;
        printf("    --%s) COMPREPLY=($(compgen -W \"", opt_info[i].name);
        put_words(opt_info[i].arg);
        printf("\" -- \"$cur\")); return ;;\n");
    }
    printf("    esac\n    case $cmd in\n");
    for (int c = 0; c < NCMD; c++) {
        const char *args = cmd_info[c].args;
        bool list = args && strchr(args, '|') && args[0] != 'F';
        printf("    %s) COMPREPLY=($(compgen %s-W \"", cmd_info[c].name, list || !args ? "" : "-f ");
        if (list) put_words(args);
        if (list) putchar(' ');
        for (int i = 0; i < NOPT; i++)
            if (option_goes((Cmd)c, (Opt)i)) printf("--%s ", opt_info[i].name);
        printf("\" -- \"$cur\")) ;;\n");
    }
    printf("    esac\n}\ncomplete -o filenames -F _kiln kiln\n");
}

static void complete_fish(void)
{
    for (int i = 0; i < NCMD; i++)
        printf("complete -c kiln -n __fish_use_subcommand -a %s -d \"%s\"\n", cmd_info[i].name, cmd_info[i].help);
    for (int k = 0; k < NCMD * NOPT; k++) {
        Cmd c = (Cmd)(k / NOPT);
        Opt opt = (Opt)(k % NOPT);
        const OptInfo *p = &opt_info[opt];
        if (!option_goes(c, opt)) continue;
        printf("complete -c kiln -n \"__fish_seen_subcommand_from %s\" -l %s", cmd_info[c].name, p->name);
        if (p->letter) printf(" -s %c", p->letter);
        bool list = option_listed(opt);
        printf(list ? " -x -a \"" : p->arg && p->arg[0] != '[' ? " -r" : "");
        if (list) put_words(p->arg);
        printf(list ? "\"\n" : "\n");
    }
}

int run_completion(const Options *o)
{
    bool zsh = strcmp(o->arg, "zsh") == 0;
    if (zsh) printf("#compdef kiln\nautoload -U +X bashcompinit && bashcompinit\n");
    if (zsh || strcmp(o->arg, "bash") == 0)
        complete_bash();
    else if (strcmp(o->arg, "fish") == 0)
        complete_fish();
    else
        return complain(o, "E0701", NULL, "completion is for bash, zsh or fish, not '%s'", o->arg);
    return OK;
}
