/* The plan as JSON: everything a host program needs to allocate the tensors, make the circular
   buffers and start the kernels. Sizes that are known only at the call stand there as expressions
   of the program's own size names. */
#include "target/metalium/metalium.h"

static const char *expr_json(Cx *cx, const Expr *x)
{
    int64_t v;
    if (expr_const(x, &v)) return arena_printf(&cx->arena, "%lld", (long long)v);
    Text t = text_new(&cx->arena), out = text_new(&cx->arena);
    print_expr(&t, x);
    text_put(&out, "\"", 1);
    for (const char *c = t.s; *c; c++) text_add(&out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    text_put(&out, "\"", 1);
    return out.s;
}

static void dims_json(Cx *cx, Text *out, const Buf *b)
{
    text_add(out, "[");
    for (int d = 0; d < b->ndim; d++)
        text_add(out, "%s%s", d ? ", " : "", expr_json(cx, b->dim[d]));
    text_add(out, "]");
}

static const char *comma(int i, int n)
{
    return i + 1 < n ? "," : "";
}

static void tensors_json(Cx *cx, Text *out, const MetaliumPlan *p)
{
    text_line(out, "\"tensors\": [");
    out->indent++;
    for (int i = 0; i < p->ntensor; i++) {
        const MetaliumTensor *t = &p->tensor[i];
        Text dims = text_new(&cx->arena);
        dims_json(cx, &dims, t->buf);
        const char *layout =
            t->tiled ? arena_printf(&cx->arena, "\"tiled\", \"axes\": [%d, %d]", t->row, t->col)
                     : "\"rows\"";
        text_line(out,
                  "{\"name\": \"%s\", \"shape\": %s, \"type\": \"%s\", \"format\": \"%s\", "
                  "\"temporary\": %s, \"layout\": %s}%s",
                  t->buf->name, dims.s, dtype_info[t->buf->type].name, format_info[t->format].name,
                  t->buf->space == SP_TEMP ? "true" : "false", layout, comma(i, p->ntensor));
    }
    out->indent--;
    text_line(out, "],");
}

static void kernel_json(Cx *cx, Text *out, const MetaliumPlan *p, const MetaliumKernel *k,
                        const char *role, bool last)
{
    static const char *const kinds[NARG] = {"first", "count", "tensor", "size", "scalar"};
    Text args = text_new(&cx->arena), words = text_new(&cx->arena);
    for (int i = 0; i < k->narg; i++) {
        const MetaliumArg *a = &k->arg[i];
        const char *name = a->kind == ARG_TENSOR   ? p->tensor[a->index].buf->name
                           : a->kind == ARG_SIZE   ? p->prog->size[a->index]->name
                           : a->kind == ARG_SCALAR ? p->prog->param[a->index].scalar->name
                                                   : NULL;
        text_add(&args, name ? "%s{\"%s\": \"%s\"}" : "%s\"%s\"", i ? ", " : "", kinds[a->kind],
                 name);
    }
    for (int i = 0; i < k->ntensor; i++)
        text_add(&words, "%s\"%s\"", i ? ", " : "", p->tensor[k->tensor[i]].buf->name);
    text_line(out, "{\"role\": \"%s\", \"file\": \"%s\", \"accessors\": [%s], \"args\": [%s]}%s",
              role, k->file, words.s, args.s, last ? "" : ",");
}

static void launch_json(Cx *cx, Text *out, const MetaliumPlan *p, const MetaliumLaunch *l,
                        bool last)
{
    text_line(out, "{");
    out->indent++;
    text_line(
        out,
        "\"name\": \"%s\", \"merged\": %s, \"fp32_dest_acc_en\": true, \"dst_full_sync_en\": %s,",
        l->launch->name, l->merged ? "true" : "false", l->full_sync ? "true" : "false");
    Text grid = text_new(&cx->arena);
    for (int d = 0; d < l->launch->ngrid; d++)
        text_add(&grid, "%s%s", d ? ", " : "", expr_json(cx, l->launch->grid[d]));
    text_line(out, "\"grid\": [%s],", grid.s);
    text_line(out, "\"circular_buffers\": [");
    out->indent++;
    for (int i = 0; i < l->ncb; i++) {
        const MetaliumCb *c = &l->cb[i];
        const char *alias =
            c->alias >= 0 ? arena_printf(&cx->arena, ", \"shares\": %d", c->alias) : "";
        text_line(out,
                  "{\"id\": %d, \"name\": \"%s\", \"format\": \"%s\", \"page\": %d, \"pages\": %d, "
                  "\"unpack_to_dest\": %s%s}%s",
                  i, c->name, format_info[c->format].name, c->bytes, c->pages,
                  c->to_dest ? "true" : "false", alias, comma(i, l->ncb));
    }
    out->indent--;
    text_line(out, "],");
    text_line(out, "\"kernels\": [");
    out->indent++;
    int left = 0;
    for (int r = 0; r < NROLE; r++) left += l->kernel[r].text != NULL;
    for (int r = 0; r < NROLE; r++)
        if (l->kernel[r].text) kernel_json(cx, out, p, &l->kernel[r], role_name[r], --left == 0);
    out->indent--;
    text_line(out, "]");
    out->indent--;
    text_line(out, last ? "}" : "},");
}

const char *plan_json(Cx *cx, const MetaliumPlan *p)
{
    Text out = text_new(&cx->arena);
    text_line(&out, "{");
    out.indent++;
    text_line(&out, "\"program\": \"%s\",", p->prog->name);
    tensors_json(cx, &out, p);
    text_line(&out, "\"launches\": [");
    out.indent++;
    for (int i = 0; i < p->nlaunch; i++)
        launch_json(cx, &out, p, &p->launch[i], i + 1 == p->nlaunch);
    out.indent--;
    text_line(&out, "]");
    out.indent--;
    text_line(&out, "}");
    return out.s;
}
