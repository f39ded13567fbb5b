/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    chart: a leaf whose K_c is implicit, in a coordinate of its own: the parameter with the smallest
    square, of which the other parameters are roots. [AUDIT-17]
*/

#include <flint/fmpq_vec.h>
#include <caustic/audit.h>
#include <caustic/field.h>

typedef struct
{
    const caustic_audit_implicit * leaf;
    const caustic_setting_struct * setting;
    caustic_pool * pool;
    slong n;
    fmpq * slope;  /* X_b = slope_b x + start_b, later slope_b v^2 + start_b */
    fmpq * start;
}
squares_struct;

static int
rational_at(fmpq_t value, const squares_struct * squares, caustic_expr e, slong x)
{
    caustic_expr number = caustic_integer(squares->pool, x), at = caustic_substitute(squares->pool, e, squares->leaf->unknown, &number, 1);
    int rational = at != CAUSTIC_NONE && caustic_expr_op(squares->pool, at) == CAUSTIC_OP_NUMBER;

    if (rational)
        fmpq_set(value, caustic_expr_fmpq(squares->pool, at));
    return rational;
}

/* The squares of all parameters as affine functions of x with rational coefficients; those with a positive exponent grow with x, the others are positive numbers. */
static int
read_squares(squares_struct * squares, const caustic_audit_struct * audit, const caustic_expr * values)
{
    int good = 1;

    for (slong b = 0; b < squares->n && good; b++)
    {
        caustic_expr square = caustic_substitute(squares->pool, squares->leaf->square[b], audit->charge_symbol, values, audit->charges);
        int exponent = fmpz_sgn(fmpz_mat_entry(squares->leaf->exponent, 0, b));

        good = square != CAUSTIC_NONE && rational_at(squares->start + b, squares, square, 0) && rational_at(squares->slope + b, squares, square, 1);
        fmpq_sub(squares->slope + b, squares->slope + b, squares->start + b);
        good = good && (exponent > 0 ? fmpq_sgn(squares->slope + b) > 0
            : exponent == 0 && fmpq_is_zero(squares->slope + b) && fmpq_sgn(squares->start + b) > 0);
    }
    return good;
}

/* The parameter whose square is the first to vanish as x decreases. */
static slong
smallest(const squares_struct * squares)
{
    slong best = -1;
    fmpq_t zero, other;

    fmpq_init(zero);
    fmpq_init(other);
    for (slong b = 0; b < squares->n; b++)
    {
        if (fmpq_is_zero(squares->slope + b))
            continue;
        fmpq_div(other, squares->start + b, squares->slope + b);
        if (best < 0 || fmpq_cmp(other, zero) < 0)
        {
            best = b;
            fmpq_set(zero, other);
        }
    }
    fmpq_clear(zero);
    fmpq_clear(other);
    return best;
}

/* x = (v^2 - start)/slope of that parameter: from here on all squares are functions of v. */
static caustic_expr
change_unknown(squares_struct * squares, slong which, caustic_expr v)
{
    caustic_pool * pool = squares->pool;
    caustic_expr x;
    fmpq_t slope, start, t;

    fmpq_init(slope);
    fmpq_init(start);
    fmpq_init(t);
    fmpq_set(slope, squares->slope + which);
    fmpq_set(start, squares->start + which);
    x = caustic_div(pool, caustic_sub(pool, caustic_power_si(pool, v, 2), caustic_number(pool, start)), caustic_number(pool, slope));
    for (slong b = 0; b < squares->n; b++)
    {
        fmpq_div(squares->slope + b, squares->slope + b, slope);
        fmpq_mul(t, squares->slope + b, start);
        fmpq_sub(squares->start + b, squares->start + b, t);
    }
    fmpq_clear(slope);
    fmpq_clear(start);
    fmpq_clear(t);
    return x;
}

static caustic_expr
square_of(const squares_struct * squares, slong b, caustic_expr v)
{
    caustic_pool * pool = squares->pool;

    return caustic_add(pool, caustic_mul(pool, caustic_number(pool, squares->slope + b), caustic_power_si(pool, v, 2)),
        caustic_number(pool, squares->start + b));
}

/* theta_b = +-sqrt(X_b) with the sign of its domain; a multiple of v where both vanish together. */
static caustic_expr
parameter_of(const squares_struct * squares, slong b, slong which, caustic_expr v)
{
    const caustic_interval_struct * domain = squares->setting->parameter_domain;
    caustic_pool * pool = squares->pool;
    int negative = caustic_interval_is_negative(domain + b);
    caustic_expr theta;

    if (b == which)
        return v;
    if (fmpq_is_zero(squares->start + b))
    {
        theta = caustic_mul(pool, caustic_sqrt(pool, caustic_number(pool, squares->slope + b)), v);
        negative = negative != caustic_interval_is_negative(domain + which);
    }
    else
        theta = caustic_sqrt(pool, square_of(squares, b, v));
    return negative ? caustic_neg(pool, theta) : theta;
}

/* q = z'/z = sum_b B_b X_b'/(2 X_b) */
static caustic_expr
logarithmic_slope(const squares_struct * squares, caustic_expr v)
{
    caustic_pool * pool = squares->pool;
    caustic_expr sum = caustic_integer(pool, 0);
    fmpq_t weight;

    fmpq_init(weight);
    for (slong b = 0; b < squares->n; b++)
    {
        fmpq_mul_fmpz(weight, squares->slope + b, fmpz_mat_entry(squares->leaf->exponent, 0, b));
        if (!fmpq_is_zero(weight))
            sum = caustic_add(pool, sum, caustic_div(pool, caustic_mul(pool, caustic_number(pool, weight), v), square_of(squares, b, v)));
    }
    fmpq_clear(weight);
    return sum;
}

/* As the field writes it: what cancels at v = 0 is gone. */
static caustic_expr
simplify(caustic_pool * pool, caustic_expr e, caustic_expr v, const caustic_interval_struct * domain)
{
    caustic_expr result = CAUSTIC_NONE;
    gr_ctx_t field;
    gr_ptr x;

    caustic_field_ctx_init(field, pool, &v, domain, 1);
    x = gr_heap_init(field);
    if (e != CAUSTIC_NONE && caustic_field_set_expr(x, e, field) == GR_SUCCESS)
        result = caustic_field_get_expr(x, field);
    gr_heap_clear(x, field);
    gr_ctx_clear(field);
    return result;
}

/* (0, inf) or (-inf, 0) */
static int
is_half_line(const caustic_interval_t domain)
{
    return (domain->lower_infinite != domain->upper_infinite) && fmpq_is_zero(domain->lower_infinite ? domain->upper : domain->lower);
}

static int
write_chart(caustic_leaf_chart * chart, squares_struct * squares, const caustic_audit_struct * audit, const caustic_expr * values)
{
    const caustic_setting_struct * setting = squares->setting;
    caustic_pool * pool = squares->pool;
    caustic_expr v, x, one = caustic_integer(pool, 1), sum, q, * theta = flint_calloc((size_t) squares->n, sizeof(caustic_expr));
    slong which = smallest(squares);

    v = setting->parameter[which];
    x = change_unknown(squares, which, v);
    /* K_c = z^2 S: S is what z = 1 gives */
    sum = caustic_substitute(pool, squares->leaf->cometric[0], setting->coordinate, &one, 1);
    sum = sum == CAUSTIC_NONE ? sum : caustic_substitute(pool, sum, audit->charge_symbol, values, audit->charges);
    sum = sum == CAUSTIC_NONE ? sum : caustic_substitute(pool, sum, squares->leaf->unknown, &x, 1);
    q = logarithmic_slope(squares, v);
    for (slong b = 0; b < squares->n; b++)
        theta[b] = parameter_of(squares, b, which, v);
    chart->parameter = which;
    chart->z = caustic_substitute(pool, setting->invariant[0], setting->parameter, theta, squares->n);
    chart->cometric = sum == CAUSTIC_NONE ? sum
        : simplify(pool, caustic_div(pool, sum, caustic_power_si(pool, q, 2)), v, setting->parameter_domain + which);
    flint_free(theta);
    return chart->z != CAUSTIC_NONE && chart->cometric != CAUSTIC_NONE;
}

int
caustic_audit_leaf_chart(caustic_leaf_chart * chart, const caustic_audit_t audit, const caustic_setting_t setting, const caustic_expr * values)
{
    squares_struct squares = {&audit->implicit, setting, setting->pool, setting->parameters, NULL, NULL};
    int found = audit->implicit.unknowns == 1 && setting->coordinates == 1;

    for (slong b = 0; b < setting->parameters && found; b++)
        found = is_half_line(setting->parameter_domain + b);
    if (!found)
        return 0;
    squares.slope = _fmpq_vec_init(squares.n);
    squares.start = _fmpq_vec_init(squares.n);
    found = read_squares(&squares, audit, values) && write_chart(chart, &squares, audit, values);
    _fmpq_vec_clear(squares.slope, squares.n);
    _fmpq_vec_clear(squares.start, squares.n);
    return found;
}
