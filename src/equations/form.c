/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <stdlib.h>
#include "equations/form.h"

#define FORM_TERMS 20000 /* of a polynomial on the way */
#define FORM_DEGREE 16   /* of a power of something unknown */

void
form_init(form_t form, gr_ctx_t ctx)
{
    form->ctx = ctx;
    form->length = form->room = 0;
    form->monomial = NULL;
    form->coefficient = NULL;
}

void
form_clear(form_t form)
{
    flint_free(form->monomial);
    if (form->room > 0)
        gr_heap_clear_vec(form->coefficient, form->room, form->ctx);
}

gr_ptr
form_coefficient(const form_t form, slong i)
{
    return GR_ENTRY(form->coefficient, i, form->ctx->sizeof_elem);
}

slong
form_find(const form_t form, caustic_expr monomial)
{
    slong i = form->length - 1;

    while (i >= 0 && form->monomial[i] != monomial)
        i--;

    return i;
}

static void
form_grow(form_t form)
{
    slong room = FLINT_MAX(16, 2 * form->room);
    gr_ptr coefficient = gr_heap_init_vec(room, form->ctx);

    for (slong i = 0; i < form->length; i++)
        gr_swap(GR_ENTRY(coefficient, i, form->ctx->sizeof_elem), form_coefficient(form, i), form->ctx);
    if (form->room > 0)
        gr_heap_clear_vec(form->coefficient, form->room, form->ctx);

    form->coefficient = coefficient;
    form->monomial = flint_realloc(form->monomial, (size_t) room * sizeof(caustic_expr));
    form->room = room;
}

int
form_add(form_t form, caustic_expr monomial, gr_srcptr x, int sign)
{
    slong place = form_find(form, monomial);

    if (place < 0)
    {
        if (form->length == form->room)
            form_grow(form);
        place = form->length++;
        form->monomial[place] = monomial;
    }

    return (sign > 0) ? gr_add(form_coefficient(form, place), form_coefficient(form, place), x, form->ctx)
        : gr_sub(form_coefficient(form, place), form_coefficient(form, place), x, form->ctx);
}

int
form_add_form(form_t form, const form_t other, int sign)
{
    int status = GR_SUCCESS;

    for (slong i = 0; i < other->length; i++)
        status |= form_add(form, other->monomial[i], form_coefficient(other, i), sign);

    return status;
}

int
form_multiply(form_t form, gr_srcptr factor)
{
    int status = GR_SUCCESS;

    for (slong i = 0; i < form->length; i++)
        status |= gr_mul(form_coefficient(form, i), form_coefficient(form, i), factor, form->ctx);

    return status;
}

/* From an expression: a polynomial for every node that depends on an unknown, children first. Coefficients are
   expressions until all is known. */

typedef struct
{
    caustic_expr monomial;
    caustic_expr coefficient;
}
term_struct;

typedef struct
{
    slong length;
    term_struct * term; /* NULL for a node without unknowns, or one that was not reached */
}
node_struct;

static int
compare_terms(const void * a, const void * b)
{
    caustic_expr left = ((const term_struct *) a)->monomial, right = ((const term_struct *) b)->monomial;

    return (left > right) - (left < right);
}

/* Adds up the terms with one monomial. */
static void
gather(node_struct * node, caustic_pool * pool)
{
    slong length = 0;
    caustic_expr * parts = flint_malloc((size_t) FLINT_MAX(node->length, 1) * sizeof(caustic_expr));

    qsort(node->term, (size_t) node->length, sizeof(term_struct), compare_terms);

    for (slong i = 0, next; i < node->length; i = next)
    {
        for (next = i; next < node->length && node->term[next].monomial == node->term[i].monomial; next++)
            parts[next - i] = node->term[next].coefficient;

        node->term[length].monomial = node->term[i].monomial;
        node->term[length++].coefficient = (next - i == 1) ? parts[0] : caustic_sum(pool, parts, next - i);
    }

    node->length = length;
    flint_free(parts);
}

/* res = a b; 0 where that has too many terms. */
static int
multiply(node_struct * res, const node_struct * a, const node_struct * b, caustic_pool * pool)
{
    if (a->length * b->length > FORM_TERMS)
        return 0;

    res->length = 0;
    res->term = flint_malloc((size_t) FLINT_MAX(a->length * b->length, 1) * sizeof(term_struct));

    for (slong i = 0; i < a->length; i++)
        for (slong j = 0; j < b->length; j++)
        {
            res->term[res->length].monomial = caustic_mul(pool, a->term[i].monomial, b->term[j].monomial);
            res->term[res->length++].coefficient = caustic_mul(pool, a->term[i].coefficient, b->term[j].coefficient);
        }

    gather(res, pool);
    return 1;
}

static void
node_set_term(node_struct * node, caustic_expr monomial, caustic_expr coefficient)
{
    node->length = 1;
    node->term = flint_malloc(sizeof(term_struct));
    node->term[0].monomial = monomial;
    node->term[0].coefficient = coefficient;
}

/* node *= factor */
static int
multiply_into(node_struct * node, const node_struct * factor, caustic_pool * pool)
{
    node_struct product;

    if (!multiply(&product, node, factor, pool))
        return 0;

    flint_free(node->term);
    *node = product;
    return 1;
}

static int
set_sum(node_struct * nodes, caustic_expr e, caustic_pool * pool)
{
    slong arity = caustic_expr_arity(pool, e), length = 0, place = 0;

    for (slong i = 0; i < arity; i++)
        length += FLINT_MAX(nodes[caustic_expr_child(pool, e, i)].length, 1);
    if (length > FORM_TERMS)
        return 0;

    nodes[e].term = flint_malloc((size_t) length * sizeof(term_struct));
    for (slong i = 0; i < arity; i++)
    {
        caustic_expr child = caustic_expr_child(pool, e, i);

        if (nodes[child].term == NULL)
        {
            nodes[e].term[place].monomial = caustic_integer(pool, 1);
            nodes[e].term[place++].coefficient = child;
        }
        for (slong j = 0; j < nodes[child].length; j++)
            nodes[e].term[place++] = nodes[child].term[j];
    }

    nodes[e].length = place;
    gather(nodes + e, pool);
    return 1;
}

static int
set_product(node_struct * nodes, caustic_expr e, caustic_pool * pool)
{
    slong arity = caustic_expr_arity(pool, e);
    caustic_expr known = caustic_integer(pool, 1);
    int good = 1;

    for (slong i = 0; i < arity; i++)
        if (nodes[caustic_expr_child(pool, e, i)].term == NULL)
            known = caustic_mul(pool, known, caustic_expr_child(pool, e, i));

    node_set_term(nodes + e, caustic_integer(pool, 1), known);
    for (slong i = 0; i < arity && good; i++)
        if (nodes[caustic_expr_child(pool, e, i)].term != NULL)
            good = multiply_into(nodes + e, nodes + caustic_expr_child(pool, e, i), pool);

    return good;
}

static int
set_power(node_struct * nodes, caustic_expr e, caustic_pool * pool)
{
    const fmpq * exponent = caustic_expr_fmpq(pool, e);
    int good = fmpz_is_one(fmpq_denref(exponent)) && fmpz_cmp_si(fmpq_numref(exponent), 2) >= 0
        && fmpz_cmp_si(fmpq_numref(exponent), FORM_DEGREE) <= 0;

    if (!good)
        return 0;

    node_set_term(nodes + e, caustic_integer(pool, 1), caustic_integer(pool, 1));
    for (slong i = fmpz_get_si(fmpq_numref(exponent)); i > 0 && good; i--)
        good = multiply_into(nodes + e, nodes + caustic_expr_child(pool, e, 0), pool);

    return good;
}

/* Fills in nodes[e]; its children are there. 0 where e is not a polynomial in the unknowns by its form. */
static int
set_node(node_struct * nodes, caustic_expr e, gr_ctx_t ctx)
{
    caustic_pool * pool = caustic_field_pool(ctx);
    slong arity = caustic_expr_arity(pool, e);
    int known = 1;

    if (caustic_expr_op(pool, e) == CAUSTIC_OP_SYMBOL)
    {
        known = 0;
        for (slong i = 0; i < caustic_field_symbols(ctx) && !known; i++)
            known = caustic_field_symbol(i, ctx) == e;
        if (!known)
            node_set_term(nodes + e, e, caustic_integer(pool, 1));
        return 1;
    }

    for (slong i = 0; i < arity && known; i++)
        known = nodes[caustic_expr_child(pool, e, i)].term == NULL;
    if (known)
        return 1;

    switch (caustic_expr_op(pool, e))
    {
        case CAUSTIC_OP_SUM:
            return set_sum(nodes, e, pool);
        case CAUSTIC_OP_PRODUCT:
            return set_product(nodes, e, pool);
        case CAUSTIC_OP_POWER:
            return set_power(nodes, e, pool);
        default:
            return 0;
    }
}

static int
add_terms(form_t form, const node_struct * node, caustic_expr e)
{
    caustic_pool * pool = caustic_field_pool(form->ctx);
    gr_ptr x;
    int status = GR_SUCCESS;

    GR_TMP_INIT(x, form->ctx);

    if (node->term == NULL)
    {
        status |= caustic_field_set_expr(x, e, form->ctx);
        if (status == GR_SUCCESS)
            status |= form_add(form, caustic_integer(pool, 1), x, 1);
    }

    for (slong i = 0; i < node->length && status == GR_SUCCESS; i++)
    {
        status |= (node->term[i].coefficient == CAUSTIC_NONE || node->term[i].monomial == CAUSTIC_NONE) ? GR_UNABLE
            : caustic_field_set_expr(x, node->term[i].coefficient, form->ctx);
        if (status == GR_SUCCESS)
            status |= form_add(form, node->term[i].monomial, x, 1);
    }

    GR_TMP_CLEAR(x, form->ctx);
    return (status == GR_SUCCESS) ? GR_SUCCESS : GR_UNABLE;
}

int
form_set_expr(form_t form, caustic_expr e)
{
    caustic_pool * pool = caustic_field_pool(form->ctx);
    char * reached = flint_calloc((size_t) e + 1, 1);
    node_struct * nodes = flint_calloc((size_t) e + 1, sizeof(node_struct));
    int status = GR_SUCCESS;

    /* a child's handle is smaller than its parent's */
    reached[e] = 1;
    for (caustic_expr node = e; node > 0; node--)
        for (slong i = 0; reached[node] && i < caustic_expr_arity(pool, node); i++)
            reached[caustic_expr_child(pool, node, i)] = 1;

    for (caustic_expr node = 1; node <= e && status == GR_SUCCESS; node++)
        if (reached[node] && !set_node(nodes, node, form->ctx))
            status = GR_UNABLE;

    if (status == GR_SUCCESS)
        status |= add_terms(form, nodes + e, e);

    for (caustic_expr node = 1; node <= e; node++)
        flint_free(nodes[node].term);
    flint_free(nodes);
    flint_free(reached);
    return status;
}

int
form_is_affine(slong * place, const form_t form, caustic_expr pivot)
{
    const caustic_pool * pool = caustic_field_pool(form->ctx);

    *place = form_find(form, pivot);
    for (slong i = 0; i < form->length; i++)
        if (i != *place && caustic_expr_depends(pool, form->monomial[i], pivot))
            return 0;

    return 1;
}

void
coefficient_field_init(gr_ctx_t ctx, const caustic_equations_t equations, const caustic_interval_struct * coordinate_domain)
{
    slong d = equations->dimension;
    caustic_expr * symbols = flint_malloc((size_t) (d + 1) * sizeof(caustic_expr));
    caustic_interval_struct * domains = flint_malloc((size_t) (d + 1) * sizeof(caustic_interval_struct));

    for (slong i = 0; i <= d; i++)
    {
        symbols[i] = (i < d) ? equations->coordinate[i] : equations->viscosity;
        caustic_interval_init(domains + i);
        if (i < d)
            caustic_interval_set(domains + i, coordinate_domain + i);
        else
            domains[i].lower_infinite = 0; /* nu > 0 */
    }

    caustic_field_ctx_init(ctx, equations->pool, symbols, domains, d + 1);

    for (slong i = 0; i <= d; i++)
        caustic_interval_clear(domains + i);
    flint_free(symbols);
    flint_free(domains);
}

void
print_value(caustic_text_t out, gr_srcptr x, const caustic_witness_t witness, gr_ctx_t ctx)
{
    caustic_pool * pool = caustic_field_pool(ctx);
    slong length = witness->length;
    caustic_expr * symbols = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(caustic_expr));
    caustic_expr * values = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(caustic_expr));
    caustic_expr value;

    for (slong i = 0; i < length; i++)
    {
        symbols[i] = caustic_field_symbol(i, ctx);
        values[i] = caustic_number(pool, witness->point + i);
    }

    value = caustic_substitute(pool, caustic_field_get_expr(x, ctx), symbols, values, length);
    if (value == CAUSTIC_NONE)
        caustic_text_append(out, "undefined");
    else
        caustic_expr_print(out, pool, value);

    flint_free(symbols);
    flint_free(values);
}
