/* target: schedule -> text. One folder a target: limits, an emitter, a device prelude.
   A target is data: what it can hold (Limits), and the function that spells a schedule.             */
#ifndef KILN_TARGET_H
#define KILN_TARGET_H
#include "tile/tile.h"

enum { MAXFILE = 32 };
typedef struct {
    int nfile;
    struct { const char *name, *text; Role role; int launch; } file[MAXFILE];   /* what of which launch it spells */
    const void *plan;                                   /* what the run side needs besides text: CpuPlan, CudaPlan, MetaliumPlan */
} Code;

typedef struct {
    const char *name, *help;
    const Limits *limits;
    void (*emit)(Cx *cx, const Prog *sched, Code *out); /* fails with E05xx on what the target cannot say */
    /* the piece of the text that spells this role of this launch, for showing targets side by side */
    const char *(*role_text)(Cx *cx, const Code *code, int launch, Role role);
} Target;

extern const Target target_cpu, target_cuda, target_metalium;
const Target *target_named(const char *name);           /* "cpu", "cuda", "cuda:sm_90a", "metalium", "metalium:wormhole", ...; or NULL */
extern const Target *const targets[];                   /* NULL at the end */

void target_known(Cx *cx, const Prog *sched, const Target *t);          /* known.c: fails (E0412) on what no emitter can spell yet */

/* shared by the emitters (emit.c): op text with $0.. replaced; expression printing is each target's own */
void emit_op(Text *out, const char *tmpl, const char *const arg[3]);

/* ---- names.c: identifiers of emitted text ------------------------------------------------------ */

typedef struct NameRules NameRules;
struct NameRules {
    const char *words, *prelude;                        /* taken: " words between blanks "; what the prelude declares */
    bool (*also)(Cx *cx, const NameRules *r, const char *name);         /* and these; or NULL */
    const char *symbol;                                 /* the kernel's own name, for `also` */
};
enum { MAXNAME = 1024 };
typedef struct { const void *what; const char *name; bool used; } Named;
typedef struct { const NameRules *rules; int n; Named at[MAXNAME]; } Names;     /* live, innermost last; to drop some, set n back */

const char *name_new(Cx *cx, Names *n, const void *what, const char *want);     /* unique among the live ones */
const char *name_as(Cx *cx, Names *n, const void *what, const char *name);      /* this very text */
const char *name_of(Names *n, const void *what);        /* NULL: none; notes that it was asked for */
bool name_used(const Names *n, const void *what);
const char *name_plain(Cx *cx, const char *want);       /* in letters that the text allows */
bool name_reserved(Cx *cx, const NameRules *r, const char *name);
bool text_has_word(const char *text, const char *word);
bool code_has_word(Cx *cx, const char *text, const char *word);         /* outside of comments */
#endif
