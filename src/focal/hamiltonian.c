/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    hamiltonian: Hamilton's equations of a cometric, with their Jacobian.

    Entries of a cometric share factors: Gram matrices, a determinant below. The energy is a function of x, p and these factors w(x), and its
    derivatives are composed by the chain rule [FOCAL-7], so that what is the same is computed once: for a network of three square layers a sixth of
    the operations that entry after entry takes.
*/

#include <string.h>
#include "focal/focal_internal.h"

typedef struct
{
    caustic_pool * pool;
    slong n;
    const caustic_expr * x;
    caustic_expr * p;
    slong factors;
    slong capacity;
    caustic_expr * factor;   /* w_r(x) */
    caustic_expr * name;     /* the symbol that stands for it */
    caustic_expr energy;     /* H(x, p, w) */
    caustic_expr * first;    /* [r]: dH/dw_r; in x and p alone, as what follows */
    caustic_expr * slope;    /* [r * n + k]: dw_r/dx_k */
    caustic_expr * mixed;    /* [r * n + l]: d/dx_l of dH/dw_r */
} hamiltonian;

/* Names that no case file can contain: an underscore is not a letter. */
static caustic_expr numbered_symbol(caustic_pool * pool, const char * name, slong i)
{
    caustic_expr symbol;
    caustic_text_t text;
    caustic_text_init(text);
    caustic_text_printf(text, "%s%ld", name, (long) i);
    symbol = caustic_symbol(pool, text->data);
    caustic_text_clear(text);
    return symbol;
}

caustic_expr * focal_phase_space(const caustic_focal_problem * problem)
{
    slong n = problem->dimension, i;
    caustic_expr * symbol = flint_malloc(sizeof(caustic_expr) * (size_t) (2 * n));
    for (i = 0; i < n; i++)
    {
        symbol[i] = problem->coordinate[i];
        symbol[n + i] = numbered_symbol(problem->pool, "_momentum", i);
    }
    return symbol;
}

/* Factors of the entries *********************************************************************/

/* The symbol that stands for a factor. */
static caustic_expr factor_symbol(hamiltonian * h, caustic_expr factor)
{
    slong r;
    for (r = 0; r < h->factors; r++)
    {
        if (h->factor[r] == factor)
        {
            return h->name[r];
        }
    }
    if (h->factors == h->capacity)
    {
        h->capacity = 2 * h->capacity + 8;
        h->factor = flint_realloc(h->factor, sizeof(caustic_expr) * (size_t) h->capacity);
        h->name = flint_realloc(h->name, sizeof(caustic_expr) * (size_t) h->capacity);
    }
    h->factor[h->factors] = factor;
    h->name[h->factors] = numbered_symbol(h->pool, "_factor", h->factors);
    return h->name[h->factors++];
}

/* Numbers, symbols and powers of symbols need no other name; of what is below it is the inverse that has one. */
static caustic_expr named_factor(hamiltonian * h, caustic_expr e)
{
    caustic_op op = caustic_expr_op(h->pool, e);
    if (caustic_expr_arity(h->pool, e) == 0)
    {
        return e;
    }
    if (op == CAUSTIC_OP_POWER)
    {
        caustic_expr base = caustic_expr_child(h->pool, e, 0);
        const fmpq * exponent = caustic_expr_fmpq(h->pool, e);
        if (caustic_expr_arity(h->pool, base) == 0)
        {
            return e;
        }
        if (fmpz_is_one(fmpq_denref(exponent)) && fmpq_sgn(exponent) < 0 && fmpz_fits_si(fmpq_numref(exponent)))
        {
            slong k = fmpz_get_si(fmpq_numref(exponent));
            return caustic_power_si(h->pool, factor_symbol(h, caustic_power_si(h->pool, base, -1)), -k);
        }
    }
    return factor_symbol(h, e);
}

/* An entry with its factors named. A sum that stands alone is left as it is. */
static caustic_expr named_entry(hamiltonian * h, caustic_expr entry)
{
    slong arity = caustic_expr_arity(h->pool, entry), i;
    caustic_expr product = caustic_integer(h->pool, 1);
    if (caustic_expr_op(h->pool, entry) != CAUSTIC_OP_PRODUCT)
    {
        return entry;
    }
    for (i = 0; i < arity; i++)
    {
        product = caustic_mul(h->pool, product, named_factor(h, caustic_expr_child(h->pool, entry, i)));
    }
    return product;
}

/* Derivatives ********************************************************************************/

static caustic_expr derivative(const hamiltonian * h, caustic_expr e, caustic_expr symbol)
{
    return caustic_derivative(h->pool, e, symbol);
}

/* sum + a b; 0 times what is not defined everywhere is no node 0, and no derivative. */
static caustic_expr add_product(const hamiltonian * h, caustic_expr sum, caustic_expr a, caustic_expr b)
{
    caustic_expr zero = caustic_integer(h->pool, 0);
    return a == zero || b == zero ? sum : caustic_add(h->pool, sum, caustic_mul(h->pool, a, b));
}

/* The factors instead of their symbols. */
static caustic_expr in_coordinates(const hamiltonian * h, caustic_expr e)
{
    return h->factors == 0 ? e : caustic_substitute(h->pool, e, h->name, h->factor, h->factors);
}

/* H = 1/2 sum_ij g_ij p_i p_j, each pair once. */
static void write_energy(hamiltonian * h, const caustic_expr * cometric)
{
    caustic_pool * pool = h->pool;
    slong n = h->n, i, j;
    h->energy = caustic_integer(pool, 0);
    for (i = 0; i < n; i++)
    {
        caustic_expr velocity = caustic_div(pool, caustic_mul(pool, named_entry(h, cometric[i * n + i]), h->p[i]), caustic_integer(pool, 2));
        for (j = 0; j < i; j++)
        {
            velocity = caustic_add(pool, velocity, caustic_mul(pool, named_entry(h, cometric[i * n + j]), h->p[j]));
        }
        h->energy = caustic_add(pool, h->energy, caustic_mul(pool, h->p[i], velocity));
    }
}

/* d/dx_k of f(x, p, w(x)). */
static caustic_expr total_derivative(const hamiltonian * h, caustic_expr f, slong k)
{
    caustic_expr sum = in_coordinates(h, derivative(h, f, h->x[k]));
    slong r;
    for (r = 0; r < h->factors; r++)
    {
        sum = add_product(h, sum, in_coordinates(h, derivative(h, f, h->name[r])), h->slope[r * h->n + k]);
    }
    return sum;
}

static void write_slopes(hamiltonian * h)
{
    slong n = h->n, r, k;
    size_t size = sizeof(caustic_expr) * (size_t) (h->factors * n + 1);
    h->first = flint_malloc(size);
    h->slope = flint_malloc(size);
    h->mixed = flint_malloc(size);
    for (r = 0; r < h->factors; r++)
    {
        for (k = 0; k < n; k++)
        {
            h->slope[r * n + k] = derivative(h, h->factor[r], h->x[k]);
        }
    }
    for (r = 0; r < h->factors; r++)
    {
        caustic_expr first = derivative(h, h->energy, h->name[r]);
        h->first[r] = in_coordinates(h, first);
        for (k = 0; k < n; k++)
        {
            h->mixed[r * n + k] = total_derivative(h, first, k);
        }
    }
}

/* d^2 H / dx_k dx_l: of the direct derivative, and of sum_r dH/dw_r dw_r/dx_k. */
static caustic_expr second_derivative(const hamiltonian * h, slong k, slong l)
{
    caustic_expr sum = total_derivative(h, derivative(h, h->energy, h->x[k]), l);
    slong r, n = h->n;
    for (r = 0; r < h->factors; r++)
    {
        sum = add_product(h, sum, h->slope[r * n + k], h->mixed[r * n + l]);
        sum = add_product(h, sum, h->first[r], derivative(h, h->slope[r * n + k], h->x[l]));
    }
    return sum;
}

/* Equations **********************************************************************************/

/* (dH/dp, -dH/dx) */
static void write_field(caustic_expr * field, const hamiltonian * h)
{
    slong n = h->n, i;
    for (i = 0; i < n; i++)
    {
        field[i] = in_coordinates(h, derivative(h, h->energy, h->p[i]));
        field[n + i] = caustic_neg(h->pool, total_derivative(h, h->energy, i));
    }
}

/* (H_px H_pp; -H_xx -H_xp), of which a half is written. */
static void write_jacobian(caustic_expr * jacobian, const hamiltonian * h, const caustic_expr * cometric)
{
    slong n = h->n, i, k;
    for (i = 0; i < n; i++)
    {
        caustic_expr velocity = derivative(h, h->energy, h->p[i]);
        for (k = 0; k < n; k++)
        {
            caustic_expr entry = total_derivative(h, velocity, k);
            jacobian[i * 2 * n + k] = entry;
            jacobian[(n + k) * 2 * n + n + i] = caustic_neg(h->pool, entry);
            jacobian[i * 2 * n + n + k] = cometric[FLINT_MAX(i, k) * n + FLINT_MIN(i, k)];
        }
        for (k = 0; k <= i; k++)
        {
            caustic_expr entry = caustic_neg(h->pool, second_derivative(h, k, i));
            jacobian[(n + i) * 2 * n + k] = jacobian[(n + k) * 2 * n + i] = entry;
        }
    }
}

static void hamiltonian_init(hamiltonian * h, const caustic_focal_problem * problem, caustic_expr * symbol)
{
    memset(h, 0, sizeof(hamiltonian));
    h->pool = problem->pool;
    h->n = problem->dimension;
    h->x = symbol;
    h->p = symbol + problem->dimension;
    write_energy(h, problem->cometric);
    write_slopes(h);
}

static void hamiltonian_clear(hamiltonian * h)
{
    flint_free(h->factor);
    flint_free(h->name);
    flint_free(h->first);
    flint_free(h->slope);
    flint_free(h->mixed);
}

caustic_flow * focal_hamiltonian_flow(const caustic_focal_problem * problem)
{
    slong n = problem->dimension;
    caustic_expr * symbol = focal_phase_space(problem);
    caustic_expr * field = flint_malloc(sizeof(caustic_expr) * (size_t) (2 * n));
    caustic_expr * jacobian = flint_malloc(sizeof(caustic_expr) * (size_t) (4 * n * n));
    caustic_flow * flow;
    hamiltonian h;

    hamiltonian_init(&h, problem, symbol);
    write_field(field, &h);
    write_jacobian(jacobian, &h, problem->cometric);
    flow = caustic_flow_new_with_jacobian(problem->pool, field, jacobian, symbol, 2 * n);
    hamiltonian_clear(&h);
    flint_free(symbol);
    flint_free(field);
    flint_free(jacobian);
    return flow;
}

caustic_flow * focal_hamiltonian_jets(const caustic_focal_problem * problem, const caustic_jet_shape * shape)
{
    slong n = problem->dimension;
    caustic_expr * symbol = focal_phase_space(problem);
    caustic_expr * field = flint_malloc(sizeof(caustic_expr) * (size_t) (2 * n));
    caustic_flow * flow;
    hamiltonian h;

    hamiltonian_init(&h, problem, symbol);
    write_field(field, &h);
    flow = caustic_flow_prolong(problem->pool, field, symbol, 2 * n, shape);
    hamiltonian_clear(&h);
    flint_free(symbol);
    flint_free(field);
    return flow;
}
