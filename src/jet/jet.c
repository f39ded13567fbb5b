/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    jet: truncated Taylor series in several variables.

    Monomials are ordered by total degree, within a degree with the larger exponent of the earlier
    variable first. So the monomials of degree <= m are a prefix, and a product truncated to a lower
    degree is a shorter loop.
*/

#include "jet/series_internal.h"

/* A pair of monomials with a given product. */
typedef struct
{
    slong left;
    slong right;
}
factorisation;

struct caustic_jet_shape
{
    slong variables;
    slong order;
    slong length;
    slong * exponents;               /* length x variables */
    slong * degree_length;           /* order + 1: how many monomials of degree <= m */
    slong * binomials;               /* (order + 1) x variables: C(r + j, j) */
    factorisation * factorisations;  /* grouped by product */
    slong * factorisation_start;     /* length + 1 */
    slong factorisation_most;
};

/* The shape **********************************************************************************/

/* C(r + j, j), the number of monomials of degree <= r in j variables, 0 for negative r. */
static slong monomials(const caustic_jet_shape * shape, slong r, slong j)
{
    return r < 0 ? 0 : shape->binomials[r * (shape->variables + 1) + j];
}

static void fill_binomials(caustic_jet_shape * shape)
{
    slong width = shape->variables + 1, r, j;
    shape->binomials = flint_malloc(sizeof(slong) * (size_t) ((shape->order + 1) * width));
    for (r = 0; r <= shape->order; r++)
    {
        shape->binomials[r * width] = 1;
        for (j = 1; j < width; j++)
        {
            shape->binomials[r * width + j] = shape->binomials[r * width + j - 1]
                + (r == 0 ? 0 : shape->binomials[(r - 1) * width + j]);
        }
    }
}

/* The next exponent vector of the same degree; 0 after the last one, (0, ..., 0, degree). */
static int next_of_degree(slong * exponents, slong variables)
{
    slong i = variables - 2, rest = exponents[variables - 1];
    while (i >= 0 && exponents[i] == 0)
    {
        i--;
    }
    if (i < 0)
    {
        return 0;
    }
    exponents[variables - 1] = 0;
    exponents[i]--;
    exponents[i + 1] = rest + 1;
    return 1;
}

static void fill_exponents(caustic_jet_shape * shape)
{
    slong n = shape->variables, degree, index = 0, i;
    slong * exponents = flint_calloc((size_t) n, sizeof(slong));

    shape->exponents = flint_malloc(sizeof(slong) * (size_t) (shape->length * n));
    shape->degree_length = flint_malloc(sizeof(slong) * (size_t) (shape->order + 1));
    for (degree = 0; degree <= shape->order; degree++)
    {
        for (i = 0; i < n; i++)
        {
            exponents[i] = i == 0 ? degree : 0;
        }
        do
        {
            for (i = 0; i < n; i++)
            {
                shape->exponents[index * n + i] = exponents[i];
            }
            index++;
        }
        while (next_of_degree(exponents, n));
        shape->degree_length[degree] = index;
    }
    flint_free(exponents);
}

/* The next divisor of a monomial in the order of an odometer; 0 after the last one. */
static int next_divisor(slong * divisor, const slong * monomial, slong variables)
{
    slong i;
    for (i = 0; i < variables; i++)
    {
        if (divisor[i] < monomial[i])
        {
            divisor[i]++;
            return 1;
        }
        divisor[i] = 0;
    }
    return 0;
}

static slong divisor_count(const slong * monomial, slong variables)
{
    slong count = 1, i;
    for (i = 0; i < variables; i++)
    {
        count *= monomial[i] + 1;
    }
    return count;
}

static void fill_factorisations(caustic_jet_shape * shape)
{
    slong n = shape->variables, index, i, used = 0, count;
    slong * left = flint_calloc((size_t) n, sizeof(slong));
    slong * right = flint_calloc((size_t) n, sizeof(slong));

    shape->factorisation_start = flint_malloc(sizeof(slong) * (size_t) (shape->length + 1));
    shape->factorisation_most = 0;
    for (index = 0; index < shape->length; index++)
    {
        shape->factorisation_start[index] = used;
        count = divisor_count(caustic_jet_exponents(shape, index), n);
        shape->factorisation_most = FLINT_MAX(shape->factorisation_most, count);
        used += count;
    }
    shape->factorisation_start[shape->length] = used;
    shape->factorisations = flint_malloc(sizeof(factorisation) * (size_t) used);
    used = 0;
    for (index = 0; index < shape->length; index++)
    {
        const slong * monomial = caustic_jet_exponents(shape, index);
        do
        {
            for (i = 0; i < n; i++)
            {
                right[i] = monomial[i] - left[i];
            }
            shape->factorisations[used].left = caustic_jet_index(shape, left);
            shape->factorisations[used].right = caustic_jet_index(shape, right);
            used++;
        }
        while (next_divisor(left, monomial, n));
    }
    flint_free(left);
    flint_free(right);
}

caustic_jet_shape * caustic_jet_shape_new(slong variables, slong order)
{
    caustic_jet_shape * shape = flint_calloc(1, sizeof(caustic_jet_shape));
    shape->variables = variables;
    shape->order = order;
    fill_binomials(shape);
    shape->length = monomials(shape, order, variables);
    fill_exponents(shape);
    if (variables > 1)
    {
        fill_factorisations(shape);
    }
    return shape;
}

void caustic_jet_shape_free(caustic_jet_shape * shape)
{
    if (shape != NULL)
    {
        flint_free(shape->exponents);
        flint_free(shape->degree_length);
        flint_free(shape->binomials);
        flint_free(shape->factorisations);
        flint_free(shape->factorisation_start);
        flint_free(shape);
    }
}

slong caustic_jet_length(const caustic_jet_shape * shape)
{
    return shape->length;
}

slong caustic_jet_order(const caustic_jet_shape * shape)
{
    return shape->order;
}

slong caustic_jet_variables(const caustic_jet_shape * shape)
{
    return shape->variables;
}

/* The monomials before it: those of lower degree; then, variable by variable, those that agree so
   far and have a larger exponent there. */
slong caustic_jet_index(const caustic_jet_shape * shape, const slong * exponents)
{
    slong n = shape->variables, rest = 0, index, i;
    for (i = 0; i < n; i++)
    {
        rest += exponents[i];
    }
    index = monomials(shape, rest - 1, n);
    for (i = 0; i < n - 1; i++)
    {
        index += monomials(shape, rest - exponents[i] - 1, n - i - 1);
        rest -= exponents[i];
    }
    return index;
}

const slong * caustic_jet_exponents(const caustic_jet_shape * shape, slong index)
{
    return shape->exponents + index * shape->variables;
}

/* Linear operations **************************************************************************/

void caustic_jet_constant(arb_ptr res, const arb_t value, const caustic_jet_shape * shape)
{
    arb_set(res, value);
    _arb_vec_zero(res + 1, shape->length - 1);
}

void caustic_jet_variable(arb_ptr res, const arb_t value, slong variable, const caustic_jet_shape * shape)
{
    caustic_jet_constant(res, value, shape);
    if (shape->order >= 1)
    {
        arb_one(res + 1 + variable); /* degree 1 stands in the order of the variables */
    }
}

void caustic_jet_add(arb_ptr res, arb_srcptr a, arb_srcptr b, const caustic_jet_shape * shape, slong prec)
{
    _arb_vec_add(res, a, b, shape->length, prec);
}

void caustic_jet_sub(arb_ptr res, arb_srcptr a, arb_srcptr b, const caustic_jet_shape * shape, slong prec)
{
    _arb_vec_sub(res, a, b, shape->length, prec);
}

void caustic_jet_scalar_mul(arb_ptr res, arb_srcptr a, const arb_t c, const caustic_jet_shape * shape,
    slong prec)
{
    arb_t factor; /* c may be a coefficient of res */
    arb_init(factor);
    arb_set(factor, c);
    _arb_vec_scalar_mul(res, a, shape->length, factor, prec);
    arb_clear(factor);
}

void caustic_jet_derivative(arb_ptr res, arb_srcptr a, slong variable, const caustic_jet_shape * shape,
    slong prec)
{
    slong n = shape->variables, index, source, i;
    slong known = shape->order == 0 ? 0 : shape->degree_length[shape->order - 1];
    slong * exponents = flint_malloc(sizeof(slong) * (size_t) n);

    /* the source of a coefficient has a larger index, so upward order reads before it writes */
    for (index = 0; index < known; index++)
    {
        for (i = 0; i < n; i++)
        {
            exponents[i] = caustic_jet_exponents(shape, index)[i];
        }
        exponents[variable]++;
        source = caustic_jet_index(shape, exponents);
        arb_mul_ui(res + index, a + source, (ulong) exponents[variable], prec);
    }
    for (index = known; index < shape->length; index++)
    {
        arb_zero_pm_inf(res + index);
    }
    flint_free(exponents);
}

/* Products ***********************************************************************************/

/* The product to total degree `degree`; coefficients of higher degree are not written. Downward
   order reads before it writes, so res may be a or b. */
static void multiply_to_degree(arb_ptr res, arb_srcptr a, arb_srcptr b, slong degree,
    const caustic_jet_shape * shape, slong prec)
{
    slong index, i, start, count;
    arb_ptr left, right;
    arb_t t;

    arb_init(t);
    if (shape->variables == 1)
    {
        for (index = degree; index >= 0; index--)
        {
            arb_dot(t, NULL, 0, a, 1, b + index, -1, index + 1, prec);
            arb_swap(res + index, t);
        }
        arb_clear(t);
        return;
    }
    /* shallow copies, read only, side by side for the dot product */
    left = flint_malloc(sizeof(arb_struct) * (size_t) shape->factorisation_most);
    right = flint_malloc(sizeof(arb_struct) * (size_t) shape->factorisation_most);
    for (index = shape->degree_length[degree] - 1; index >= 0; index--)
    {
        start = shape->factorisation_start[index];
        count = shape->factorisation_start[index + 1] - start;
        for (i = 0; i < count; i++)
        {
            left[i] = a[shape->factorisations[start + i].left];
            right[i] = b[shape->factorisations[start + i].right];
        }
        arb_dot(t, NULL, 0, left, 1, right, 1, count, prec);
        arb_swap(res + index, t);
    }
    flint_free(left);
    flint_free(right);
    arb_clear(t);
}

void caustic_jet_mul(arb_ptr res, arb_srcptr a, arb_srcptr b, const caustic_jet_shape * shape, slong prec)
{
    multiply_to_degree(res, a, b, shape->order, shape, prec);
}

/* Composition ********************************************************************************/

/* Horner's rule in the nilpotent part a - a_0. The factor of (a - a_0)^k is needed to degree
   order - k only, since the nilpotent part starts with degree 1. */
void caustic_jet_compose_series(arb_ptr res, arb_srcptr series, arb_srcptr a, const caustic_jet_shape * shape,
    slong prec)
{
    slong k;
    arb_ptr nilpotent = _arb_vec_init(shape->length);
    arb_ptr sum = _arb_vec_init(shape->length);

    _arb_vec_set(nilpotent + 1, a + 1, shape->length - 1);
    arb_set(sum, series + shape->order);
    for (k = shape->order - 1; k >= 0; k--)
    {
        multiply_to_degree(sum, sum, nilpotent, shape->order - k, shape, prec);
        arb_set(sum, series + k); /* the product has no constant term, whatever the factor */
    }
    _arb_vec_swap(res, sum, shape->length);
    _arb_vec_clear(nilpotent, shape->length);
    _arb_vec_clear(sum, shape->length);
}

/* The Taylor series of a function at a_0, as a function of one variable; then composition. */
static void compose(arb_ptr res, caustic_op op, const fmpq * exponent, arb_srcptr a,
    const caustic_jet_shape * shape, slong prec)
{
    slong length = shape->order + 1;
    arb_ptr series = _arb_vec_init(length), argument = _arb_vec_init(length);
    arb_srcptr expanded = a;

    if (shape->variables > 1)
    {
        arb_set(argument, a);
        if (length > 1)
        {
            arb_one(argument + 1);
        }
        expanded = argument;
    }
    if (exponent == NULL)
    {
        caustic_series_function(series, op, expanded, length, prec);
    }
    else
    {
        caustic_series_power(series, expanded, exponent, length, prec);
    }
    if (shape->variables > 1)
    {
        caustic_jet_compose_series(res, series, a, shape, prec);
    }
    else
    {
        _arb_vec_swap(res, series, length);
    }
    /* undefined at the constant term: nothing is known of any coefficient */
    if (!arb_is_finite(res))
    {
        _arb_vec_indeterminate(res, shape->length);
    }
    _arb_vec_clear(series, length);
    _arb_vec_clear(argument, length);
}

void caustic_jet_function(arb_ptr res, caustic_op op, arb_srcptr a, const caustic_jet_shape * shape, slong prec)
{
    compose(res, op, NULL, a, shape, prec);
}

void caustic_jet_power(arb_ptr res, arb_srcptr a, const fmpq_t exponent, const caustic_jet_shape * shape,
    slong prec)
{
    if (fmpq_is_zero(exponent) && arb_is_finite(a))
    {
        _arb_vec_zero(res, shape->length);
        arb_one(res);
        return;
    }
    compose(res, CAUSTIC_OP_POWER, exponent, a, shape, prec);
}

void caustic_jet_inv(arb_ptr res, arb_srcptr a, const caustic_jet_shape * shape, slong prec)
{
    fmpq_t exponent;
    fmpq_init(exponent);
    fmpq_set_si(exponent, -1, 1);
    compose(res, CAUSTIC_OP_POWER, exponent, a, shape, prec);
    fmpq_clear(exponent);
}
