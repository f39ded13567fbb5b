/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Generators and the functions made of them. Powers, exponentials and logarithms go through power
    products of atoms, so that their identities hold by construction. [FIELD-7]
*/

#include "field_internal.h"

/* Levels and generators **********************************************************************/

/* Makes room for one more generator. A generator that supersedes others needs a new level: lifting
   to it is what replaces them. */
static void reserve_variable(caustic_field * field, int supersedes)
{
    slong needed = field_variables(field) + 1;
    if (supersedes || fmpz_mpoly_ctx_nvars(field_mctx(field)) < needed)
    {
        slong spare = 2 + 2 * field->generators_length;
        field->levels = flint_realloc(field->levels, sizeof(fmpz_mpoly_ctx_struct *) * (field->levels_length + 1));
        field->levels[field->levels_length] = flint_malloc(sizeof(fmpz_mpoly_ctx_struct));
        fmpz_mpoly_ctx_init(field->levels[field->levels_length], needed + spare, ORD_LEX);
        field->levels_length++;
    }
}

/* A new generator of that kind, its argument a copy. atom -1, unit NULL: none. */
static slong generator_new(caustic_field * field, field_kind kind, const field_element_struct * argument,
    slong atom, const fmpq * unit)
{
    slong index = field->generators_length, k;
    field_generator * g;
    reserve_variable(field, atom >= 0 && kind == FIELD_POWER && field->atoms[atom].generator >= 0);
    field->generators = flint_realloc(field->generators, sizeof(field_generator) * (index + 1));
    field->generators_length++;
    g = field->generators + index;
    g->kind = kind;
    g->atom = atom;
    g->degree = 0;
    g->total = 0;
    g->regular = 0;
    fmpq_init(g->unit);
    if (unit != NULL)
    {
        fmpq_set(g->unit, unit);
    }
    field_element_init(g->argument, field);
    if (argument != NULL)
    {
        field_element_set(g->argument, argument, field);
        field_element_lift(g->argument, field);
    }
    field_element_init(g->relation, field);
    g->total = argument == NULL || field_element_is_total(g->argument, field);
    g->regular = argument == NULL || field_element_is_regular(g->argument, field);
    caustic_interval_init(g->range);
    g->derivative = flint_malloc(sizeof(field_element_struct) * FLINT_MAX(field->symbols_length, 1));
    g->derivative_known = flint_calloc(field->symbols_length + 1, 1);
    for (k = 0; k < field->symbols_length; k++)
    {
        field_element_init(g->derivative + k, field);
    }
    g->expression = CAUSTIC_NONE;
    return index;
}

static void generator_clear(field_generator * g, const caustic_field * field)
{
    slong k;
    fmpq_clear(g->unit);
    field_element_clear(g->argument, field);
    field_element_clear(g->relation, field);
    caustic_interval_clear(g->range);
    for (k = 0; k < field->symbols_length; k++)
    {
        field_element_clear(g->derivative + k, field);
    }
    flint_free(g->derivative);
    flint_free(g->derivative_known);
}

void field_generators_clear(caustic_field * field)
{
    slong i;
    for (i = 0; i < field->generators_length; i++)
    {
        generator_clear(field->generators + i, field);
    }
    flint_free(field->generators);
    for (i = 0; i < field->atoms_length; i++)
    {
        field_element_clear(field->atoms[i].value, field);
        fmpq_clear(field->atoms[i].unit);
    }
    flint_free(field->atoms);
}

static void set_relation(caustic_field * field, slong index, slong degree, const field_element_struct * relation)
{
    field_generator * g = field->generators + index;
    g->degree = degree;
    field_element_set(g->relation, relation, field);
    field_element_lift(g->relation, field);
    field->algebraic_length++;
}

static void set_range(caustic_interval_struct * range, const char * lower, const char * upper)
{
    range->lower_infinite = lower == NULL;
    range->upper_infinite = upper == NULL;
    if (lower != NULL)
    {
        fmpq_set_str(range->lower, lower, 10);
    }
    if (upper != NULL)
    {
        fmpq_set_str(range->upper, upper, 10);
    }
}

static slong argument_terms(const field_generator * g, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field->levels[g->argument->level];
    return fmpz_mpoly_length(fmpz_mpoly_q_numref(g->argument->value), mctx)
        + fmpz_mpoly_length(fmpz_mpoly_q_denref(g->argument->value), mctx);
}

/* A generator that is not defined on the whole box must share a point with all the others at which
   everything is certainly defined, else statements about it would be empty. [FIELD-1]
   Takes the generator back if there is none among the trial points. */
static int accept_generator(caustic_field * field, slong index)
{
    slong symbols = field->symbols_length, variables = field_variables(field), i, k, points, prec;
    field_generator * g = field->generators + index;
    int accepted = g->total;
    fmpq * point;
    arb_ptr balls, values;
    int * needed;
    if (accepted)
    {
        field->all_regular = field->all_regular && g->regular;
        return GR_SUCCESS;
    }
    point = flint_malloc(sizeof(fmpq) * FLINT_MAX(symbols, 1));
    for (k = 0; k < symbols; k++)
    {
        fmpq_init(point + k);
    }
    balls = _arb_vec_init(symbols);
    values = _arb_vec_init(variables);
    needed = flint_malloc(sizeof(int) * variables);
    points = argument_terms(g, field) > FIELD_TRIAL_TERMS ? 0 : symbols == 0 ? 1 : 10 * FIELD_POINTS;
    for (i = 0; i < points && !accepted; i++)
    {
        field_point(point, i, field);
        for (prec = 64; prec <= 256 && !accepted; prec *= 4)
        {
            for (k = 0; k < symbols; k++)
            {
                arb_set_fmpq(balls + k, point + k, prec);
            }
            for (k = 0; k < variables; k++)
            {
                needed[k] = 1;
            }
            field_evaluate_variables(values, needed, balls, prec, field);
            accepted = _arb_vec_is_finite(values, variables)
                && (g->kind != FIELD_POWER || arb_is_positive(values + symbols + index));
        }
    }
    for (k = 0; k < symbols; k++)
    {
        fmpq_clear(point + k);
    }
    flint_free(point);
    _arb_vec_clear(balls, symbols);
    _arb_vec_clear(values, variables);
    flint_free(needed);
    if (!accepted)
    {
        field->algebraic_length -= g->degree > 0;
        generator_clear(g, field);
        field->generators_length--;
        return GR_UNABLE;
    }
    field->all_regular = 0;
    return GR_SUCCESS;
}

/* Atoms **************************************************************************************/

/* The atom with that value, or -1. */
static slong atom_lookup(caustic_field * field, int is_exp, const field_element_struct * value)
{
    slong i;
    for (i = 0; i < field->atoms_length; i++)
    {
        field_element_lift(field->atoms[i].value, field);
        if (field->atoms[i].is_exp == is_exp && field_element_same(field->atoms[i].value, value, field))
        {
            return i;
        }
    }
    return -1;
}

static slong atom_find(caustic_field * field, int is_exp, const field_element_struct * value, int nonnegative, int strict)
{
    slong i = atom_lookup(field, is_exp, value);
    field_atom * a;
    if (i >= 0)
    {
        return i;
    }
    i = field->atoms_length;
    field->atoms = flint_realloc(field->atoms, sizeof(field_atom) * (i + 1));
    field->atoms_length++;
    a = field->atoms + i;
    a->is_exp = is_exp;
    field_element_init(a->value, field);
    field_element_set(a->value, value, field);
    a->nonnegative = is_exp || nonnegative;
    a->strict = is_exp || strict;
    fmpq_init(a->unit);
    fmpq_set_si(a->unit, is_exp ? 0 : 1, 1);
    a->generator = -1;
    a->log = -1;
    return i;
}

/* Makes the unit of the atom divide the exponent, by a finer generator that supersedes the one
   before. [FIELD-8] */
static int refine_atom(caustic_field * field, slong atom, const fmpq_t exponent, gr_ctx_t ctx)
{
    field_atom * a = field->atoms + atom;
    int status = GR_SUCCESS;
    slong index, old_generator = a->generator;
    fmpq_t unit, old_unit, ratio;
    field_element_t argument;

    fmpq_init(unit);
    fmpq_init(old_unit);
    fmpq_init(ratio);
    field_element_init(argument, field);
    fmpq_set(old_unit, a->unit);
    fmpq_gcd(unit, old_unit, exponent);
    fmpq_div(ratio, old_unit, unit);
    if (fmpz_cmp_si(fmpq_numref(ratio), FIELD_EXPONENT) > 0 || fmpz_cmp_si(fmpq_denref(unit), FIELD_EXPONENT) > 0)
    {
        status = GR_UNABLE;
    }
    else if (!fmpq_equal(unit, old_unit))
    {
        field_element_set(argument, a->value, field);
        if (a->is_exp)
        {
            status |= field_mul_fmpq(argument, argument, unit, ctx);
        }
        index = generator_new(field, FIELD_POWER, argument, atom, unit);
        a->generator = index;
        fmpq_set(a->unit, unit);
        set_range(field->generators[index].range, "0", NULL);
        if (!a->is_exp)
        {
            field->generators[index].total = field->generators[index].total && a->nonnegative;
            field->generators[index].regular = field->generators[index].regular && a->strict;
            set_relation(field, index, fmpz_get_si(fmpq_denref(unit)), a->value);
        }
        status |= accept_generator(field, index);
        if (status != GR_SUCCESS)
        {
            a->generator = old_generator;
            fmpq_set(a->unit, old_unit);
        }
    }
    fmpq_clear(unit);
    fmpq_clear(old_unit);
    fmpq_clear(ratio);
    field_element_clear(argument, field);
    return status;
}

/* atom^exponent */
static int atom_power(field_element_struct * res, slong atom, const fmpq_t exponent, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    int status;
    fmpq_t count;
    fmpz_t whole, rest;
    field_element_t t, u;

    fmpq_init(count);
    fmpz_init(whole);
    fmpz_init(rest);
    field_element_init(t, field);
    field_element_init(u, field);

    status = refine_atom(field, atom, exponent, ctx);
    if (status == GR_SUCCESS)
    {
        const field_atom * a = field->atoms + atom;
        fmpq_div(count, exponent, a->unit);
        if (a->is_exp)
        {
            fmpz_set(rest, fmpq_numref(count));
        }
        else
        {
            /* unit = 1/order */
            fmpz_fdiv_qr(whole, rest, fmpq_numref(count), fmpq_denref(a->unit));
        }
        if (fmpz_fits_si(whole) && fmpz_fits_si(rest)
            && FLINT_ABS(fmpz_get_si(whole)) <= FIELD_EXPONENT && FLINT_ABS(fmpz_get_si(rest)) <= FIELD_EXPONENT)
        {
            slong w = fmpz_get_si(whole), r = fmpz_get_si(rest);
            status |= field_pow_si(t, a->value, w, ctx);
            if (status == GR_SUCCESS && r != 0)
            {
                field_element_set_variable(u, field->symbols_length + a->generator, field);
                status |= field_pow_si(u, u, r, ctx);
                if (status == GR_SUCCESS)
                {
                    status |= field_mul(t, t, u, ctx);
                }
            }
        }
        else
        {
            status = GR_UNABLE;
        }
    }
    if (status == GR_SUCCESS)
    {
        field_element_set(res, t, field);
    }
    fmpq_clear(count);
    fmpz_clear(whole);
    fmpz_clear(rest);
    field_element_clear(t, field);
    field_element_clear(u, field);
    return status;
}

static int atom_log(field_element_struct * res, slong atom, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    field_atom * a = field->atoms + atom;
    int status = GR_SUCCESS;
    slong index = a->log;
    if (a->is_exp)
    {
        field_element_set(res, a->value, field);
        return GR_SUCCESS;
    }
    if (index < 0)
    {
        field_element_t t;
        fmpq_t one;
        caustic_sign sign;
        index = generator_new(field, FIELD_LOG, a->value, atom, NULL);
        field->generators[index].total = field->generators[index].total && a->strict;
        field->generators[index].regular = field->generators[index].regular && a->strict;
        field_element_init(t, field);
        fmpq_init(one);
        fmpq_one(one);
        field_set_fmpq(t, one, field);
        status |= field_sub(t, a->value, t, ctx);
        sign = field_element_sign(t, field);
        set_range(field->generators[index].range, sign == CAUSTIC_SIGN_POSITIVE ? "0" : NULL,
            sign == CAUSTIC_SIGN_NEGATIVE ? "0" : NULL);
        fmpq_clear(one);
        field_element_clear(t, field);
        status |= accept_generator(field, index);
        if (status == GR_SUCCESS)
        {
            a->log = index;
        }
    }
    if (status == GR_SUCCESS)
    {
        field_element_set_variable(res, field->symbols_length + index, field);
    }
    return status;
}

/* Power products *****************************************************************************/

typedef struct
{
    slong * atoms;
    fmpq * exponents;
    slong length;
}
power_product_struct;

typedef power_product_struct power_product_t[1];

static void product_init(power_product_t product)
{
    product->atoms = NULL;
    product->exponents = NULL;
    product->length = 0;
}

static void product_clear(power_product_t product)
{
    slong i;
    for (i = 0; i < product->length; i++)
    {
        fmpq_clear(product->exponents + i);
    }
    flint_free(product->atoms);
    flint_free(product->exponents);
}

static void product_multiply(power_product_t product, slong atom, const fmpq_t exponent)
{
    slong i;
    for (i = 0; i < product->length && product->atoms[i] != atom; i++)
    {
    }
    if (i == product->length)
    {
        product->atoms = flint_realloc(product->atoms, sizeof(slong) * (i + 1));
        product->exponents = flint_realloc(product->exponents, sizeof(fmpq) * (i + 1));
        product->atoms[i] = atom;
        fmpq_init(product->exponents + i);
        product->length++;
    }
    fmpq_add(product->exponents + i, product->exponents + i, exponent);
}

static void product_multiply_fmpz(power_product_t product, slong atom, const fmpz_t exponent)
{
    fmpq_t e;
    fmpq_init(e);
    fmpq_set_fmpz(e, exponent);
    product_multiply(product, atom, e);
    fmpq_clear(e);
}

/* res = prod atoms^exponents */
static int product_element(field_element_struct * res, const power_product_t product, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    slong i;
    int status = GR_SUCCESS;
    fmpq_t one;
    field_element_t t, factor;
    fmpq_init(one);
    fmpq_one(one);
    field_element_init(t, field);
    field_element_init(factor, field);
    field_set_fmpq(t, one, field);
    for (i = 0; i < product->length && status == GR_SUCCESS; i++)
    {
        if (!fmpq_is_zero(product->exponents + i))
        {
            status |= atom_power(factor, product->atoms[i], product->exponents + i, ctx);
            if (status == GR_SUCCESS)
            {
                status |= field_mul(t, t, factor, ctx);
            }
        }
    }
    if (status == GR_SUCCESS)
    {
        field_element_set(res, t, field);
    }
    fmpq_clear(one);
    field_element_clear(t, field);
    field_element_clear(factor, field);
    return status;
}

static void product_multiply_prime(power_product_t product, const fmpz_t p, const fmpz_t exponent, caustic_field * field)
{
    fmpq_t c;
    field_element_t t;
    fmpq_init(c);
    field_element_init(t, field);
    fmpq_set_fmpz(c, p);
    field_set_fmpq(t, c, field);
    product_multiply_fmpz(product, atom_find(field, 0, t, 1, 1), exponent);
    fmpq_clear(c);
    field_element_clear(t, field);
}

/* n > 0 to the power side = 1 or -1: small primes by trial division; what is left stays whole, or is
   taken as a power of its root. */
static void product_multiply_integer(power_product_t product, const fmpz_t n, int side, caustic_field * field)
{
    ulong p;
    fmpz_t rest, prime, exponent;
    fmpz_init_set(rest, n);
    fmpz_init(prime);
    fmpz_init(exponent);
    for (p = 2; p < FIELD_PRIME_LIMIT && !fmpz_is_one(rest); p += 1 + (p > 2))
    {
        fmpz_set_ui(prime, p);
        fmpz_set_si(exponent, side * fmpz_remove(rest, rest, prime));
        if (!fmpz_is_zero(exponent))
        {
            product_multiply_prime(product, prime, exponent, field);
        }
    }
    if (!fmpz_is_one(rest))
    {
        int power = fmpz_is_perfect_power(prime, rest);
        if (power == 0)
        {
            fmpz_set(prime, rest);
            power = 1;
        }
        fmpz_set_si(exponent, side * power);
        product_multiply_prime(product, prime, exponent, field);
    }
    fmpz_clear(rest);
    fmpz_clear(prime);
    fmpz_clear(exponent);
}

/* What could not be given a sign yet, as a fraction with the sign of everything taken out. */
typedef struct
{
    fmpz_mpoly_q_t unknown;
    int sign;
    int absolute; /* of |x|: a factor f without a sign enters as the root of f^2 */
}
remainder_struct;

/* Whether p is a power of the variable, with coefficient 1. */
static int is_power_of(const fmpz_mpoly_t p, slong variable, const fmpz_mpoly_ctx_t mctx)
{
    fmpz_mpoly_t t;
    slong degree = fmpz_mpoly_degree_si(p, variable, mctx);
    int equal;
    fmpz_mpoly_init(t, mctx);
    fmpz_mpoly_gen(t, variable, mctx);
    equal = fmpz_mpoly_length(p, mctx) == 1 && fmpz_mpoly_pow_ui(t, t, (ulong) degree, mctx)
        && fmpz_mpoly_equal(t, p, mctx);
    fmpz_mpoly_clear(t, mctx);
    return equal;
}

/* Multiplies by factor^(side*exponent), factor irreducible or whole. */
static void product_multiply_factor(power_product_t product, remainder_struct * remainder,
    const fmpz_mpoly_t factor, const fmpz_t exponent, int side, caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong symbols = field->symbols_length, v;
    caustic_sign sign;
    fmpz_t e;
    field_element_t t;
    fmpz_mpoly_t power;

    fmpz_init(e);
    fmpz_mul_si(e, exponent, side);
    for (v = symbols; v < field_variables(field); v++)
    {
        const field_generator * g = field->generators + (v - symbols);
        if (g->kind == FIELD_POWER && fmpz_mpoly_degree_si(factor, v, mctx) > 0 && is_power_of(factor, v, mctx))
        {
            fmpq_t c;
            fmpq_init(c);
            fmpz_mul_si(e, e, fmpz_mpoly_degree_si(factor, v, mctx));
            fmpq_mul_fmpz(c, g->unit, e);
            product_multiply(product, g->atom, c);
            fmpq_clear(c);
            fmpz_clear(e);
            return;
        }
    }
    field_element_init(t, field);
    fmpz_mpoly_init(power, mctx);
    sign = field_polynomial_sign(factor, field);
    if (!field_polynomial_is_total(factor, field))
    {
        sign = CAUSTIC_SIGN_UNKNOWN;
    }
    if (sign == CAUSTIC_SIGN_UNKNOWN && remainder->absolute)
    {
        fmpq_t c;
        fmpq_init(c);
        fmpz_mpoly_mul(power, factor, factor, mctx);
        field_element_set_polynomials(t, power, NULL, field);
        fmpz_set(fmpq_numref(c), e);
        fmpq_div_2exp(c, c, 1);
        product_multiply(product, atom_find(field, 0, t, 1, 0), c);
        fmpq_clear(c);
    }
    else if (sign == CAUSTIC_SIGN_UNKNOWN)
    {
        fmpz_mpoly_struct * target = side > 0 ? fmpz_mpoly_q_numref(remainder->unknown) : fmpz_mpoly_q_denref(remainder->unknown);
        (void) fmpz_mpoly_pow_fmpz(power, factor, exponent, mctx);
        fmpz_mpoly_mul(target, target, power, mctx);
    }
    else
    {
        int strict = sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE;
        fmpz_mpoly_set(power, factor, mctx);
        if (sign == CAUSTIC_SIGN_NEGATIVE || sign == CAUSTIC_SIGN_NONPOSITIVE)
        {
            fmpz_mpoly_neg(power, power, mctx);
            remainder->sign = fmpz_is_odd(e) ? -remainder->sign : remainder->sign;
        }
        field_element_set_polynomials(t, power, NULL, field);
        product_multiply_fmpz(product, atom_find(field, 0, t, 1, strict), e);
    }
    fmpz_clear(e);
    field_element_clear(t, field);
    fmpz_mpoly_clear(power, mctx);
}

/* The greatest k for each root and exponential such that p is a polynomial in its k-th power; 0 where
   it does not occur, 1 for all other variables. */
static void power_strides(fmpz * stride, const fmpz_mpoly_t p, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong symbols = field->symbols_length, i, v;
    fmpz_t e;
    fmpz_init(e);
    for (v = 0; v < fmpz_mpoly_ctx_nvars(mctx); v++)
    {
        int power = v >= symbols && v < field_variables(field) && field->generators[v - symbols].kind == FIELD_POWER;
        fmpz_set_ui(stride + v, !power);
        for (i = 0; power && i < fmpz_mpoly_length(p, mctx); i++)
        {
            fmpz_set_ui(e, fmpz_mpoly_get_term_var_exp_ui(p, i, v, mctx));
            fmpz_gcd(stride + v, stride + v, e);
        }
    }
    fmpz_clear(e);
}

/* Divides p by the known non-negative atoms that involve generators, as often as they go, but by none
   in a finer power of a generator than p has. An atom that was irreducible when it was made may have
   factors since a finer generator came. */
static void divide_out_atoms(fmpz_mpoly_t p, power_product_t product, int side, caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong variables = fmpz_mpoly_ctx_nvars(mctx), i, v, count;
    fmpz * stride = _fmpz_vec_init(variables), * other = _fmpz_vec_init(variables);
    fmpz_mpoly_t quotient;
    fmpz_t e;
    fmpz_mpoly_init(quotient, mctx);
    fmpz_init(e);
    power_strides(stride, p, field);
    for (i = 0; i < field->atoms_length; i++)
    {
        field_atom * a = field->atoms + i;
        const fmpz_mpoly_struct * f;
        int involved = 0, finer = 0;
        field_element_lift(a->value, field);
        f = fmpz_mpoly_q_numref(a->value->value);
        power_strides(other, f, field);
        for (v = field->symbols_length; v < field_variables(field) && !a->is_exp; v++)
        {
            involved = involved || fmpz_mpoly_degree_si(f, v, mctx) > 0;
            finer = finer || (!fmpz_is_zero(stride + v) && !fmpz_divisible(other + v, stride + v));
        }
        if (!involved || finer || !a->nonnegative || !fmpz_mpoly_is_one(fmpz_mpoly_q_denref(a->value->value), mctx))
        {
            continue;
        }
        for (count = 0; fmpz_mpoly_divides(quotient, p, f, mctx); count++)
        {
            fmpz_mpoly_swap(p, quotient, mctx);
        }
        if (count > 0)
        {
            fmpz_set_si(e, side * count);
            product_multiply_fmpz(product, i, e);
        }
    }
    fmpz_mpoly_clear(quotient, mctx);
    fmpz_clear(e);
    _fmpz_vec_clear(stride, variables);
    _fmpz_vec_clear(other, variables);
}

/* Factors p as a polynomial in the powers of roots and exponentials that occur in it, so that
   1 + exp(x) stays whole when exp(x/3) is in use. */
static int factor_deflated(fmpz_mpoly_factor_t factors, const fmpz_mpoly_t p, const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong variables = fmpz_mpoly_ctx_nvars(mctx), i, v;
    fmpz * shift = _fmpz_vec_init(variables), * stride = _fmpz_vec_init(variables);
    int done;
    fmpz_mpoly_t q;
    fmpz_mpoly_init(q, mctx);
    power_strides(stride, p, field);
    for (v = 0; v < variables; v++)
    {
        if (fmpz_is_zero(stride + v))
        {
            fmpz_one(stride + v);
        }
    }
    fmpz_mpoly_deflate(q, p, shift, stride, mctx);
    done = field_may_factor(q, mctx) && fmpz_mpoly_factor(factors, q, mctx);
    for (i = 0; i < factors->num && done; i++)
    {
        fmpz_mpoly_inflate(factors->poly + i, factors->poly + i, shift, stride, mctx);
    }
    fmpz_mpoly_clear(q, mctx);
    _fmpz_vec_clear(shift, variables);
    _fmpz_vec_clear(stride, variables);
    return done;
}

static void product_multiply_polynomial(power_product_t product, remainder_struct * remainder,
    const fmpz_mpoly_t whole, int side, caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong i;
    fmpz_t one;
    fmpz_mpoly_factor_t factors;
    fmpz_mpoly_t p;
    fmpz_init_set_si(one, 1);
    fmpz_mpoly_init(p, mctx);
    fmpz_mpoly_set(p, whole, mctx);
    divide_out_atoms(p, product, side, field);
    fmpz_mpoly_factor_init(factors, mctx);
    if (fmpz_mpoly_length(p, mctx) <= FIELD_FACTOR_TERMS && factor_deflated(factors, p, field)
        && fmpz_is_one(factors->constant_den))
    {
        remainder->sign *= fmpz_sgn(factors->constant);
        fmpz_abs(factors->constant, factors->constant);
        product_multiply_integer(product, factors->constant, side, field);
        for (i = 0; i < factors->num; i++)
        {
            product_multiply_factor(product, remainder, factors->poly + i, factors->exp + i, side, field);
        }
    }
    else
    {
        product_multiply_factor(product, remainder, p, one, side, field);
    }
    fmpz_mpoly_factor_clear(factors, mctx);
    fmpz_mpoly_clear(p, mctx);
    fmpz_clear(one);
}

/* x = prod atoms^exponents, all atoms >= 0 wherever the left side is. GR_DOMAIN where x is proved
   nowhere positive. */
static int decompose(power_product_t product, const field_element_struct * x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    int status = GR_SUCCESS;
    field_operand_t a;
    field_element_t t;
    remainder_struct remainder;
    fmpz_t one;

    fmpz_init_set_si(one, 1);
    field_operand_open(a, x, field);
    field_element_init(t, field);
    fmpz_mpoly_q_init(remainder.unknown, mctx);
    fmpz_mpoly_q_one(remainder.unknown, mctx);
    remainder.sign = 1;
    remainder.absolute = 0;
    if (fmpz_mpoly_q_is_zero(a->q, mctx))
    {
        status = GR_DOMAIN;
    }
    else
    {
        product_multiply_polynomial(product, &remainder, fmpz_mpoly_q_numref(a->q), 1, field);
        product_multiply_polynomial(product, &remainder, fmpz_mpoly_q_denref(a->q), -1, field);
        if (fmpz_mpoly_q_is_one(remainder.unknown, mctx))
        {
            status = remainder.sign > 0 ? GR_SUCCESS : GR_DOMAIN;
        }
        else
        {
            caustic_sign sign;
            if (remainder.sign < 0)
            {
                fmpz_mpoly_q_neg(remainder.unknown, remainder.unknown, mctx);
            }
            field_element_store(t, remainder.unknown, field);
            sign = field_element_sign(t, field);
            if (sign == CAUSTIC_SIGN_NEGATIVE || sign == CAUSTIC_SIGN_NONPOSITIVE)
            {
                status = GR_DOMAIN;
            }
            else
            {
                product_multiply_fmpz(product, atom_find(field, 0, t,
                    sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NONNEGATIVE,
                    sign == CAUSTIC_SIGN_POSITIVE), one);
            }
        }
    }
    fmpz_clear(one);
    field_operand_close(a, field);
    field_element_clear(t, field);
    fmpz_mpoly_q_clear(remainder.unknown, mctx);
    return status;
}

/* Functions **********************************************************************************/

int field_power_fmpq(field_element_struct * res, const field_element_struct * x, const fmpq_t exponent, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    int status;
    slong i;
    power_product_t product;
    if (fmpz_mpoly_q_is_zero(x->value, field->levels[x->level]))
    {
        if (fmpq_sgn(exponent) <= 0)
        {
            return GR_DOMAIN;
        }
        field_element_set(res, x, field);
        return GR_SUCCESS;
    }
    product_init(product);
    status = decompose(product, x, ctx);
    for (i = 0; i < product->length; i++)
    {
        fmpq_mul(product->exponents + i, product->exponents + i, exponent);
    }
    if (status == GR_SUCCESS)
    {
        status = product_element(res, product, ctx);
    }
    product_clear(product);
    return status;
}

int field_abs(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    int status = GR_SUCCESS;
    field_operand_t a;
    remainder_struct remainder;
    power_product_t product;

    if (fmpz_mpoly_q_is_zero(x->value, field->levels[x->level]))
    {
        field_element_set(res, x, field);
        return GR_SUCCESS;
    }
    field_operand_open(a, x, field);
    fmpz_mpoly_q_init(remainder.unknown, mctx);
    remainder.sign = 1;
    remainder.absolute = 1;
    product_init(product);
    product_multiply_polynomial(product, &remainder, fmpz_mpoly_q_numref(a->q), 1, field);
    product_multiply_polynomial(product, &remainder, fmpz_mpoly_q_denref(a->q), -1, field);
    status = product_element(res, product, ctx);
    product_clear(product);
    fmpz_mpoly_q_clear(remainder.unknown, mctx);
    field_operand_close(a, field);
    return status;
}

int field_log(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    int status;
    slong i;
    power_product_t product;
    field_element_t sum, t;
    product_init(product);
    field_element_init(sum, field);
    field_element_init(t, field);
    status = decompose(product, x, ctx);
    for (i = 0; i < product->length && status == GR_SUCCESS; i++)
    {
        if (!fmpq_is_zero(product->exponents + i))
        {
            status |= atom_log(t, product->atoms[i], ctx);
            if (status == GR_SUCCESS)
            {
                status |= field_mul_fmpq(t, t, product->exponents + i, ctx);
                status |= field_add(sum, sum, t, ctx);
            }
        }
    }
    if (status == GR_SUCCESS)
    {
        field_element_set(res, sum, field);
    }
    product_clear(product);
    field_element_clear(sum, field);
    field_element_clear(t, field);
    return status;
}

/* x = content * primitive, content rational with the sign of the numerator's leading term; x != 0. */
static void split_content(fmpq_t content, field_element_struct * primitive, const field_element_struct * x,
    const caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    field_operand_t a;
    fmpz_mpoly_q_t t;
    field_operand_open(a, x, field);
    fmpz_mpoly_q_init(t, mctx);
    fmpz_mpoly_q_content(content, a->q, mctx);
    if (fmpz_sgn(fmpz_mpoly_q_numref(a->q)->coeffs) < 0)
    {
        fmpq_neg(content, content);
    }
    fmpz_mpoly_q_div_fmpq(t, a->q, content, mctx);
    field_element_store(primitive, t, field);
    fmpz_mpoly_q_clear(t, mctx);
    field_operand_close(a, field);
}

/* Multiplies by exp(x), x one term. exp(c log A) = A^c. */
static void product_multiply_exp(power_product_t product, const field_element_struct * x, caustic_field * field)
{
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    slong symbols = field->symbols_length, atom = -1, v;
    field_element_t t;
    fmpq_t content;
    field_element_init(t, field);
    fmpq_init(content);
    split_content(content, t, x, field);
    if (fmpz_mpoly_is_one(fmpz_mpoly_q_denref(t->value), mctx))
    {
        for (v = symbols; v < field_variables(field) && atom < 0; v++)
        {
            const field_generator * g = field->generators + (v - symbols);
            if (g->kind == FIELD_LOG && fmpz_mpoly_is_gen(fmpz_mpoly_q_numref(t->value), v, mctx))
            {
                atom = g->atom;
            }
        }
    }
    if (atom < 0)
    {
        if (fmpz_cmpabs(fmpq_denref(content), fmpq_numref(content)) < 0
            ? fmpz_bits(fmpq_numref(content)) > 12 : fmpz_bits(fmpq_denref(content)) > 12)
        {
            /* an exponent too large to be a degree */
            field_element_set(t, x, field);
            fmpq_one(content);
        }
        /* the leading terms, and so the signs, may have been others when the atom was made */
        fmpz_mpoly_q_neg(t->value, t->value, field->levels[t->level]);
        atom = atom_lookup(field, 1, t);
        if (atom >= 0)
        {
            fmpq_neg(content, content);
        }
        else
        {
            fmpz_mpoly_q_neg(t->value, t->value, field->levels[t->level]);
            atom = atom_find(field, 1, t, 1, 1);
        }
    }
    product_multiply(product, atom, content);
    field_element_clear(t, field);
    fmpq_clear(content);
}

int field_exp(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    fmpz_mpoly_ctx_struct * mctx = field_mctx(field);
    int status;
    slong i;
    power_product_t product;
    field_operand_t a;
    field_element_t term;
    fmpz_mpoly_t monomial;

    product_init(product);
    field_operand_open(a, x, field);
    field_element_init(term, field);
    fmpz_mpoly_init(monomial, mctx);
    if (fmpz_mpoly_length(fmpz_mpoly_q_numref(a->q), mctx) > FIELD_EXP_TERMS)
    {
        product_multiply_exp(product, x, field);
    }
    else
    {
        for (i = 0; i < fmpz_mpoly_length(fmpz_mpoly_q_numref(a->q), mctx); i++)
        {
            fmpz_mpoly_get_term(monomial, fmpz_mpoly_q_numref(a->q), i, mctx);
            field_element_set_polynomials(term, monomial, fmpz_mpoly_q_denref(a->q), field);
            product_multiply_exp(product, term, field);
        }
    }
    fmpz_mpoly_clear(monomial, mctx);
    field_operand_close(a, field);
    field_element_clear(term, field);
    status = product_element(res, product, ctx);
    product_clear(product);
    return status;
}

/* (c + i s)^n, n >= 1 */
static int multiple_angle(field_element_struct * s, field_element_struct * c, slong n, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    int status = GR_SUCCESS;
    slong k;
    field_element_t re, im, t, u;
    field_element_init(re, field);
    field_element_init(im, field);
    field_element_init(t, field);
    field_element_init(u, field);
    field_element_set(re, c, field);
    field_element_set(im, s, field);
    for (k = 1; k < n && status == GR_SUCCESS; k++)
    {
        status |= field_mul(t, re, c, ctx);
        status |= field_mul(u, im, s, ctx);
        status |= field_sub(t, t, u, ctx);
        status |= field_mul(u, re, s, ctx);
        status |= field_mul(im, im, c, ctx);
        status |= field_add(im, im, u, ctx);
        field_element_set(re, t, field);
    }
    field_element_set(c, re, field);
    field_element_set(s, im, field);
    field_element_clear(re, field);
    field_element_clear(im, field);
    field_element_clear(t, field);
    field_element_clear(u, field);
    return status;
}

/* A generator of that kind whose argument is x/n for an integer n, 0 < |n| <= limit, or -1. */
static slong find_divided(slong * n, field_kind kind, const field_element_struct * x, slong limit, const caustic_field * field)
{
    slong index = -1, i;
    fmpq_t content, other;
    fmpz_t bound;
    field_element_t primitive, t;
    fmpz_init_set_si(bound, limit);
    fmpq_init(content);
    fmpq_init(other);
    field_element_init(primitive, field);
    field_element_init(t, field);
    split_content(content, primitive, x, field);
    for (i = 0; i < field->generators_length && index < 0; i++)
    {
        if (field->generators[i].kind == kind)
        {
            split_content(other, t, field->generators[i].argument, field);
            fmpq_div(other, content, other);
            if (field_element_same(primitive, t, field) && fmpz_is_one(fmpq_denref(other))
                && fmpz_cmpabs(fmpq_numref(other), bound) <= 0)
            {
                index = i;
                *n = fmpz_get_si(fmpq_numref(other));
            }
        }
    }
    fmpq_clear(content);
    fmpq_clear(other);
    fmpz_clear(bound);
    field_element_clear(primitive, field);
    field_element_clear(t, field);
    return index;
}

/* Copies x or -x, the one whose numerator has a positive leading coefficient. */
static int normalise_sign(field_element_struct * res, const field_element_struct * x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    int negative;
    field_element_set(res, x, field);
    field_element_lift(res, field);
    negative = fmpz_sgn(fmpz_mpoly_q_numref(res->value)->coeffs) < 0;
    if (negative)
    {
        (void) field_neg(res, res, ctx);
    }
    return negative;
}

int field_sin_cos(field_element_struct * s, field_element_struct * c, const field_element_struct * x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    int status = GR_SUCCESS, negative;
    slong index, n = 1;
    fmpq_t one;
    field_element_t a, t;

    fmpq_init(one);
    fmpq_one(one);
    if (fmpz_mpoly_q_is_zero(x->value, field->levels[x->level]))
    {
        field_set_fmpq(c, one, field);
        fmpq_zero(one);
        field_set_fmpq(s, one, field);
        fmpq_clear(one);
        return GR_SUCCESS;
    }
    field_element_init(a, field);
    field_element_init(t, field);
    negative = normalise_sign(a, x, ctx);
    index = find_divided(&n, FIELD_COS, a, 32, field);
    if (index < 0)
    {
        slong sine;
        index = generator_new(field, FIELD_COS, a, -1, NULL);
        set_range(field->generators[index].range, "-9/8", "9/8");
        status |= accept_generator(field, index);
        if (status == GR_SUCCESS)
        {
            sine = generator_new(field, FIELD_SIN, a, -1, NULL);
            set_range(field->generators[sine].range, "-9/8", "9/8");
            field_element_set_variable(t, field->symbols_length + index, field);
            status |= field_mul(t, t, t, ctx);
            field_set_fmpq(a, one, field);
            status |= field_sub(t, a, t, ctx);
            set_relation(field, sine, 2, t);
            field->all_regular = field->all_regular && field->generators[sine].regular;
        }
    }
    if (status == GR_SUCCESS)
    {
        field_element_set_variable(c, field->symbols_length + index, field);
        field_element_set_variable(s, field->symbols_length + index + 1, field);
        status |= multiple_angle(s, c, FLINT_ABS(n), ctx);
        if (negative != (n < 0))
        {
            status |= field_neg(s, s, ctx);
        }
    }
    fmpq_clear(one);
    field_element_clear(a, field);
    field_element_clear(t, field);
    return status;
}

/* atan, erf */
int field_odd_function(field_element_struct * res, field_kind kind, const field_element_struct * x, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    int status = GR_SUCCESS, negative;
    slong index, n = 1;
    field_element_t a;
    if (fmpz_mpoly_q_is_zero(x->value, field->levels[x->level]))
    {
        field_element_set(res, x, field);
        return GR_SUCCESS;
    }
    field_element_init(a, field);
    negative = normalise_sign(a, x, ctx);
    index = find_divided(&n, kind, a, 1, field);
    if (index < 0)
    {
        caustic_sign sign = field_element_sign(a, field);
        const char * bound = kind == FIELD_ATAN ? "11/7" : "9/8";
        const char * minus_bound = kind == FIELD_ATAN ? "-11/7" : "-9/8";
        index = generator_new(field, kind, a, -1, NULL);
        set_range(field->generators[index].range, sign == CAUSTIC_SIGN_POSITIVE ? "0" : minus_bound,
            sign == CAUSTIC_SIGN_NEGATIVE ? "0" : bound);
        status |= accept_generator(field, index);
    }
    if (status == GR_SUCCESS)
    {
        field_element_set_variable(res, field->symbols_length + index, field);
        if (negative != (n < 0))
        {
            status |= field_neg(res, res, ctx);
        }
    }
    field_element_clear(a, field);
    return status;
}

int field_pi(field_element_struct * res, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    slong i;
    for (i = 0; i < field->generators_length && field->generators[i].kind != FIELD_PI; i++)
    {
    }
    if (i == field->generators_length)
    {
        i = generator_new(field, FIELD_PI, NULL, -1, NULL);
        set_range(field->generators[i].range, "3", "22/7");
    }
    field_element_set_variable(res, field->symbols_length + i, field);
    return GR_SUCCESS;
}
