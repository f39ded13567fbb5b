/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Rescalings by degrees and sign flips by parities: each parameter gets an unknown degree, and operation by
    operation those of larger expressions follow, with linear conditions on the unknowns. What satisfies them all is a
    symmetry; both are one computation, over Q and over the field of two elements. [SYMMETRY-1], [SYMMETRY-2]
*/

#include <flint/fmpq_vec.h>
#include <flint/fmpz_vec.h>
#include "expression/pool_internal.h"
#include "symmetry/symmetry_internal.h"

#define DEGREE_ENTRIES 1000000 /* nodes times parameters */

typedef struct
{
    caustic_pool * pool;
    slong n;
    int parity;          /* over the field of two elements: entries are 0 and 1 */
    caustic_expr * node; /* of the loss, children first */
    slong nodes;
    slong * place;       /* of a node among them, by handle */
    fmpq * degree;       /* nodes x n: linear forms in the unknown degrees */
    echelon_t condition; /* forms that must be 0 */
}
degrees_struct;

static void
reduce_parity(fmpq * form, const degrees_struct * d)
{
    for (slong b = 0; b < d->n && d->parity; b++)
        fmpq_set_si(form + b, fmpz_is_odd(fmpq_numref(form + b)), 1);
}

/* Over two elements an echelon of our own: with 0 and 1 as rational numbers, reduced after each step. */
static void
add_parity_condition(degrees_struct * d, fmpq * form)
{
    echelon_struct * e = d->condition;
    slong n = d->n, pivot = 0;

    for (slong i = 0; i < e->rank; i++)
        for (slong b = 0, odd = !fmpq_is_zero(form + e->pivot[i]); b < n && odd; b++)
            fmpq_set_si(form + b, fmpq_is_zero(form + b) != fmpq_is_zero(e->row + i * n + b), 1);
    while (pivot < n && fmpq_is_zero(form + pivot))
        pivot++;
    if (pivot == n)
        return;
    for (slong i = 0; i < e->rank; i++)
        for (slong b = 0, odd = !fmpq_is_zero(e->row + i * n + pivot); b < n && odd; b++)
            fmpq_set_si(e->row + i * n + b, fmpq_is_zero(form + b) != fmpq_is_zero(e->row + i * n + b), 1);
    for (slong b = 0; b < n; b++)
        fmpq_set(e->row + e->rank * n + b, form + b);
    e->pivot[e->rank++] = pivot;
}

/* Requires form - other = 0; other NULL stands for 0. */
static void
require_equal(degrees_struct * d, const fmpq * form, const fmpq * other)
{
    fmpq * difference = _fmpq_vec_init(d->n);

    for (slong b = 0; b < d->n; b++)
    {
        fmpq_set(difference + b, form + b);
        if (other != NULL)
            fmpq_sub(difference + b, difference + b, other + b);
    }
    reduce_parity(difference, d);
    if (d->parity)
        add_parity_condition(d, difference);
    else
        (void) echelon_add(d->condition, difference);
    _fmpq_vec_clear(difference, d->n);
}

/* How f(c x) depends on c, for c > 0 and for c = -1: f(c x) = c f(x); f(x) in any case; or nothing is known. */
typedef enum { AS_ARGUMENT, EVEN, UNRELATED } response;

static response
response_of(caustic_op op, int parity)
{
    switch (op)
    {
        case CAUSTIC_OP_ABS:
            return parity ? EVEN : AS_ARGUMENT;
        case CAUSTIC_OP_RELU:
            return parity ? UNRELATED : AS_ARGUMENT;
        case CAUSTIC_OP_SIGN:
            return parity ? AS_ARGUMENT : EVEN;
        case CAUSTIC_OP_STEP:
            return parity ? UNRELATED : EVEN;
        case CAUSTIC_OP_COS: case CAUSTIC_OP_COSH:
            return parity ? EVEN : UNRELATED;
        case CAUSTIC_OP_SIN: case CAUSTIC_OP_TAN: case CAUSTIC_OP_ATAN: case CAUSTIC_OP_SINH: case CAUSTIC_OP_TANH:
        case CAUSTIC_OP_ERF:
            return parity ? AS_ARGUMENT : UNRELATED;
        default:
            return UNRELATED;
    }
}

static void
set_power(degrees_struct * d, fmpq * degree, const fmpq * argument, const fmpq * exponent)
{
    if (d->parity && !fmpz_is_one(fmpq_denref(exponent)))
    {
        require_equal(d, argument, NULL);
        return;
    }
    for (slong b = 0; b < d->n; b++)
        fmpq_mul(degree + b, argument + b, exponent);
}

static void
set_degree(degrees_struct * d, slong i, const caustic_setting_struct * setting)
{
    caustic_expr e = d->node[i];
    caustic_op op = caustic_expr_op(d->pool, e);
    slong arity = caustic_expr_arity(d->pool, e), n = d->n;
    fmpq * degree = d->degree + i * n;
    const fmpq * first = arity > 0 ? d->degree + d->place[caustic_expr_child(d->pool, e, 0)] * n : NULL;

    if (op == CAUSTIC_OP_SYMBOL)
    {
        for (slong b = 0; b < n; b++)
            if (setting->parameter[b] == e)
                fmpq_one(degree + b);
    }
    else if (op == CAUSTIC_OP_SUM || op == CAUSTIC_OP_PRODUCT)
    {
        copy_row(degree, first, n);
        for (slong k = 1; k < arity; k++)
        {
            const fmpq * next = d->degree + d->place[caustic_expr_child(d->pool, e, k)] * n;

            if (op == CAUSTIC_OP_SUM)
                require_equal(d, next, first);
            for (slong b = 0; b < n && op == CAUSTIC_OP_PRODUCT; b++)
                fmpq_add(degree + b, degree + b, next + b);
        }
    }
    else if (op == CAUSTIC_OP_POWER)
        set_power(d, degree, first, caustic_expr_fmpq(d->pool, e));
    else if (arity > 0 && response_of(op, d->parity) == AS_ARGUMENT)
        copy_row(degree, first, n);
    else if (arity > 0 && response_of(op, d->parity) == UNRELATED)
        require_equal(d, first, NULL);
    reduce_parity(degree, d);
}

/* The degree of a parameter whose domain is not kept is 0. */
static void
require_domains(degrees_struct * d, const caustic_setting_struct * setting)
{
    fmpq * form = _fmpq_vec_init(d->n);

    for (slong b = 0; b < d->n; b++)
    {
        const caustic_interval_struct * domain = setting->parameter_domain + b;

        if (d->parity ? !is_whole_line(domain) : !is_cone(domain))
        {
            fmpq_one(form + b);
            require_equal(d, form, NULL);
            fmpq_zero(form + b);
        }
    }
    _fmpq_vec_clear(form, d->n);
}

/* The degrees that satisfy every condition: (columns - rank) rows; NULL where there are too many nodes. */
static fmpz *
find_degrees(slong * length, const caustic_setting_struct * setting, caustic_expr loss, int parity)
{
    degrees_struct d = {setting->pool, setting->parameters, parity, NULL, 0, NULL, NULL, {{0, 0, NULL, NULL}}};
    fmpz * kernel = NULL;

    *length = 0;
    d.nodes = pool_reachable(&d.node, d.pool, &loss, 1);
    if (d.nodes <= DEGREE_ENTRIES / FLINT_MAX(d.n, 1))
    {
        d.place = flint_malloc(((size_t) loss + 1) * sizeof(slong));
        d.degree = _fmpq_vec_init(d.nodes * d.n);
        echelon_init(d.condition, d.n);
        for (slong i = 0; i < d.nodes; i++)
        {
            d.place[d.node[i]] = i;
            set_degree(&d, i, setting);
        }
        require_equal(&d, d.degree + d.place[loss] * d.n, NULL);
        require_domains(&d, setting);
        kernel = echelon_kernel(d.condition);
        *length = d.n - d.condition->rank;
        echelon_clear(d.condition);
        _fmpq_vec_clear(d.degree, d.nodes * d.n);
        flint_free(d.place);
    }
    flint_free(d.node);
    return kernel;
}

static void
find_by_degrees(caustic_symmetries_t symmetries, const caustic_setting_t setting, caustic_expr loss, int parity)
{
    slong n = setting->parameters, length;
    fmpz * degrees = find_degrees(&length, setting, loss, parity);
    fmpq_t factor;

    fmpq_init(factor);
    for (slong i = 0; i < length; i++)
    {
        caustic_expr * image = add_symmetry(symmetries, parity ? CAUSTIC_SYMMETRY_SIGN_FLIP : CAUSTIC_SYMMETRY_RESCALING);

        for (slong b = 0; b < n; b++)
        {
            fmpq_set_fmpz(factor, degrees + i * n + b);
            if (parity)
                fmpq_set_si(factor, fmpz_is_odd(degrees + i * n + b) ? -1 : 1, 1);
            image[b] = caustic_mul(setting->pool, caustic_number(setting->pool, factor), setting->parameter[b]);
        }
    }
    fmpq_clear(factor);
    if (degrees != NULL)
        _fmpz_vec_clear(degrees, FLINT_MAX(length * n, 1));
}

void
find_rescalings(caustic_symmetries_t rescalings, const caustic_setting_t setting, caustic_expr loss)
{
    find_by_degrees(rescalings, setting, loss, 0);
}

void
find_sign_flips(caustic_symmetries_t symmetries, const caustic_setting_t setting, caustic_expr loss)
{
    find_by_degrees(symmetries, setting, loss, 1);
}
