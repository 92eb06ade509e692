/* driver: source text -> kernel.

   driver.c     the three steps, each checked
   passes.c     the one list of passes
   language.c   the tables of the language as text and as a page                               */
#ifndef KILN_DRIVER_H
#define KILN_DRIVER_H
#include "sched/sched.h"
#include "target/target.h"

extern const Pass passes[]; /* name NULL at the end */

typedef struct {
    const char *path, *text; /* text NULL: read path */
    const char *entry;       /* kernel in the file; NULL: the only one */
    const char *const *bind; /* "name=value", NULL at the end; may be NULL */
    const char *target;      /* NULL: stop after the tile program */
    SchedOptions sched;
    const char *stop_after; /* a pass name, or NULL */
} Request;

typedef struct { /* all of it lives in cx's arena */
    Cx *cx;
    Prog *tile;      /* the checked tile program */
    Prog *sched;     /* a program of its own, proved; NULL without a target */
    const Target *target;
    Code code;
} Unit;

/* false: look at cx->diags */
bool driver_front(Cx *cx, const Request *rq, Unit *out); /* source -> tile */
/* tile -> schedule; a source that is a schedule is taken as it is */
bool driver_schedule(Cx *cx, const Request *rq, Unit *io);
/* the target can spell the schedule, as far as names tell */
bool driver_known(Cx *cx, Unit *io);
bool driver_emit(Cx *cx, const Request *rq, Unit *io); /* schedule -> text */

/* what the text of a source gives: its tree; its kernels as lines of tab-separated columns; a simpler
 * program, by tree or by lines (lang_simpler). NULL: an error, or no more steps */
typedef enum { TEXT_AST, TEXT_LIST, TEXT_TREE, TEXT_LINES } SourceText;
const char *driver_text(Cx *cx, const Request *rq, SourceText which, int step);

/* ---- language.c ----------------------------------------------------------------------------- */

extern const char *const rule_name[], *const class_name[]; /* by Rule, by DClass */
void driver_builtins(Text *t); /* lines of tab-separated columns */
void driver_language(Text *t); /* docs/language.md */
#endif
