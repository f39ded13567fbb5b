/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Exact points of the stratum: where a matrix of functions has full rank, where generators are
    dependent, and what that says about invariant metrics.
*/

#include <flint/fmpq_vec.h>
#include <flint/fmpz_mat.h>
#include <flint/fmpz_vec.h>
#include "reduction_internal.h"

#define SPECIAL_POINTS 400 /* with many zeros, where an action is not free if it is so anywhere */
#define SPECIAL_ENTRIES 400000 /* of the generators' matrix, at all of them */
#define GENERIC_POINTS 20
#define COMBINATIONS 40    /* of an isotropy algebra that are linearised */

/* A small linear congruence: the points are the same in every run. */
static slong
next_digit(ulong * state, slong below)
{
    *state = *state * UWORD(6364136223846793005) + UWORD(1442695040888963407);
    return (slong) ((*state >> 33) % (ulong) below);
}

/* The i-th value inside an open interval; the first is 0 where that is possible. */
static void
value_inside(fmpq_t x, const caustic_interval_t domain, slong i)
{
    static const slong small[] = {0, 1, -1, 2, -2, 3, -3, 5};
    slong v = small[i % 8];

    fmpq_zero(x);
    if (v == 0 && caustic_interval_contains_fmpq(domain, x))
        return;

    if (!domain->lower_infinite && !domain->upper_infinite)
    {
        fmpq_t width; /* l + (u - l) (v + 4)/10 */

        fmpq_init(width);
        fmpq_sub(width, domain->upper, domain->lower);
        fmpq_set_si(x, v + 4, 10);
        fmpq_mul(x, x, width);
        fmpq_add(x, x, domain->lower);
        fmpq_clear(width);
        return;
    }

    if (domain->lower_infinite && domain->upper_infinite)
        fmpq_set_si(x, v, 1);
    else
        fmpq_set_si(x, v > 0 ? v : 1, v > 0 ? 1 : (ulong) (2 - v));

    if (!domain->lower_infinite)
        fmpq_add(x, domain->lower, x);
    else if (!domain->upper_infinite)
        fmpq_sub(x, domain->upper, x);
}

/* The value of an expression in the parameters at a point: 0 where it is no rational number. */
int
value_at(fmpq_t value, caustic_expr e, const fmpq * point, const caustic_setting_t setting)
{
    slong n = setting->parameters;
    caustic_expr * number;
    int rational;

    if (e == CAUSTIC_NONE)
        return 0;
    if (caustic_expr_op(setting->pool, e) == CAUSTIC_OP_NUMBER) /* most entries are 0 */
    {
        fmpq_set(value, caustic_expr_fmpq(setting->pool, e));
        return 1;
    }

    number = flint_malloc((size_t) FLINT_MAX(n, 1) * sizeof(caustic_expr));
    for (slong a = 0; a < n; a++)
        number[a] = caustic_number(setting->pool, point + a);
    e = caustic_substitute(setting->pool, e, setting->parameter, number, n);
    rational = e != CAUSTIC_NONE && caustic_expr_op(setting->pool, e) == CAUSTIC_OP_NUMBER;
    if (rational)
        fmpq_set(value, caustic_expr_fmpq(setting->pool, e));

    flint_free(number);
    return rational;
}

/* Whether the point is in the domains and on the stratum, exactly. */
static int
is_on_stratum(const fmpq * point, const caustic_setting_t setting)
{
    fmpq_t value;
    int inside = 1;

    fmpq_init(value);
    for (slong a = 0; a < setting->parameters && inside; a++)
        inside = caustic_interval_contains_fmpq(setting->parameter_domain + a, point + a);
    for (slong i = 0; i < setting->strata && inside; i++)
        inside = value_at(value, setting->stratum[i], point, setting) && !fmpq_is_zero(value);
    fmpq_clear(value);
    return inside;
}

int
stratum_point(fmpq * point, slong i, int special, const caustic_setting_t setting)
{
    ulong state = (ulong) i * UWORD(2862933555777941757) + 3037000493;

    for (slong a = 0; a < setting->parameters; a++)
    {
        slong digit = 1 + next_digit(&state, 7);

        /* points 0, 1, ..: the origin, then one parameter apart from it, then as many as not */
        if (special && (i <= setting->parameters ? a + 1 != i : next_digit(&state, 2) == 0))
            digit = 0;
        value_inside(point + a, setting->parameter_domain + a, digit);
    }

    return is_on_stratum(point, setting);
}

int
matrix_at(fmpq_mat_t values, const caustic_expr * entries, const fmpq * point, const caustic_setting_t setting)
{
    slong columns = fmpq_mat_ncols(values);
    int rational = 1;

    for (slong i = 0; i < fmpq_mat_nrows(values) && rational; i++)
        for (slong j = 0; j < columns && rational; j++)
            rational = value_at(fmpq_mat_entry(values, i, j), entries[i * columns + j], point, setting);

    return rational;
}

/* A basis of {c : c X = 0} in the columns of res (rows x rows); returns its length. */
static slong
left_kernel(fmpz_mat_t res, const fmpq_mat_t x)
{
    slong rows = fmpq_mat_nrows(x), columns = fmpq_mat_ncols(x), length;
    fmpq_mat_t transpose;
    fmpz_mat_t whole;
    fmpz_t denominator;

    fmpq_mat_init(transpose, columns, rows);
    fmpz_mat_init(whole, columns, rows);
    fmpz_init(denominator);
    fmpq_mat_transpose(transpose, x);
    fmpq_mat_get_fmpz_mat_matwise(whole, denominator, transpose);
    length = fmpz_mat_nullspace(res, whole);
    fmpq_mat_clear(transpose);
    fmpz_mat_clear(whole);
    fmpz_clear(denominator);
    return length;
}

/* L = D(sum_a c_a xi_a) at the point: L_bc = sum_a c_a d_c xi_a^b. */
static int
linearisation(fmpq_mat_t res, const fmpz * c, const fmpq * point, const caustic_setting_t setting)
{
    slong n = setting->parameters;
    fmpq_t slope;
    int rational = 1;

    fmpq_init(slope);
    fmpq_mat_zero(res);
    for (slong a = 0; a < setting->generators; a++)
    {
        for (slong b = 0; b < n && !fmpz_is_zero(c + a); b++)
        {
            for (slong e = 0; e < n && rational; e++)
            {
                rational = value_at(slope, caustic_derivative(setting->pool, setting->generator[a * n + b],
                    setting->parameter[e]), point, setting);
                fmpq_mul_fmpz(slope, slope, c + a);
                fmpq_add(fmpq_mat_entry(res, b, e), fmpq_mat_entry(res, b, e), slope);
            }
        }
    }
    fmpq_clear(slope);
    return rational;
}

/* Whether L is not 0 and tr L^2 >= 0: then L is skew for no scalar product. [REDUCTION-12] */
static int
is_never_skew(fmpq_t trace, const fmpq_mat_t l)
{
    fmpq_mat_t square;

    fmpq_mat_init(square, fmpq_mat_nrows(l), fmpq_mat_ncols(l));
    fmpq_mat_mul(square, l, l);
    fmpq_mat_trace(trace, square);
    fmpq_mat_clear(square);
    return !fmpq_mat_is_zero(l) && fmpq_sgn(trace) >= 0;
}

static void
print_point(caustic_text_t out, const fmpq * point, const caustic_setting_t setting)
{
    for (slong a = 0; a < setting->parameters; a++)
    {
        char * s = fmpq_get_str(NULL, 10, point + a);

        caustic_text_printf(out, "%s%s = %s", a == 0 ? "" : ", ", caustic_expr_name(setting->pool, setting->parameter[a]), s);
        flint_free(s);
    }
}

/* "2*generator 1 - generator 3" */
static void
print_combination(caustic_text_t out, const fmpz * c, slong length)
{
    int first = 1;
    fmpz_t size;

    fmpz_init(size);
    for (slong a = 0; a < length; a++)
    {
        if (fmpz_is_zero(c + a))
            continue;
        caustic_text_append(out, fmpz_sgn(c + a) < 0 ? (first ? "-" : " - ") : (first ? "" : " + "));
        fmpz_abs(size, c + a);
        if (!fmpz_is_one(size))
        {
            char * s = fmpz_get_str(NULL, 10, size);

            caustic_text_printf(out, "%s*", s);
            flint_free(s);
        }
        caustic_text_printf(out, "generator %ld", (long) a + 1);
        first = 0;
    }
    fmpz_clear(size);
}

/* Divides by the content; the first coefficient that is not 0 becomes positive. */
static void
make_primitive(fmpz * c, slong length)
{
    fmpz_t content;
    slong first = 0;

    fmpz_init(content);
    _fmpz_vec_content(content, c, length);
    while (first < length && fmpz_is_zero(c + first))
        first++;
    if (first < length)
    {
        if (fmpz_sgn(c + first) < 0)
            fmpz_neg(content, content);
        _fmpz_vec_scalar_divexact_fmpz(c, c, length, content);
    }
    fmpz_clear(content);
}

/* The k-th combination of the kernel's basis: its members, then sums of two. */
static int
combination(fmpz * c, slong k, const fmpz_mat_t kernel, slong length, slong generators)
{
    slong first = k, second = -1, left = k - length;

    for (slong i = 0; left >= 0 && i < length; left -= length - 1 - i, i++)
    {
        first = i;
        second = i + 1 + left;
        if (second < length)
            break;
    }
    if (first >= length || second >= length)
        return 0;

    for (slong a = 0; a < generators; a++)
    {
        fmpz_set(c + a, fmpz_mat_entry(kernel, a, first));
        if (second >= 0)
            fmpz_add(c + a, c + a, fmpz_mat_entry(kernel, a, second));
    }
    make_primitive(c, generators);
    return 1;
}

/* Whether the combination is certainly not 0 somewhere. */
static int
is_somewhere_nonzero(const fmpz * c, const caustic_setting_t setting)
{
    slong n = setting->parameters, k = setting->generators;
    fmpq * point = _fmpq_vec_init(n);
    fmpq_t value, sum;
    int nonzero = 0;

    fmpq_init(value);
    fmpq_init(sum);
    for (slong i = 0; i < GENERIC_POINTS && !nonzero; i++)
    {
        if (!stratum_point(point, i, 0, setting))
            continue;
        for (slong b = 0; b < n && !nonzero; b++)
        {
            int rational = 1;

            fmpq_zero(sum);
            for (slong a = 0; a < k && rational; a++)
            {
                rational = fmpz_is_zero(c + a) || value_at(value, setting->generator[a * n + b], point, setting);
                if (rational && !fmpz_is_zero(c + a))
                {
                    fmpq_mul_fmpz(value, value, c + a);
                    fmpq_add(sum, sum, value);
                }
            }
            nonzero = rational && !fmpq_is_zero(sum);
        }
    }
    fmpq_clear(value);
    fmpq_clear(sum);
    _fmpq_vec_clear(point, n);
    return nonzero;
}

/* Says that the generators are dependent at the point and, if a linearisation shows it, that no metric
   is invariant there. */
static void
explain_dependence(caustic_text_t why, const fmpz_mat_t kernel, slong length, const fmpq * point,
    const caustic_setting_t setting)
{
    slong k = setting->generators, n = setting->parameters;
    fmpz * c = _fmpz_vec_init(k);
    fmpq_mat_t l;
    fmpq_t trace;

    fmpq_mat_init(l, n, n);
    fmpq_init(trace);
    combination(c, 0, kernel, length, k);
    caustic_text_append(why, is_somewhere_nonzero(c, setting) ? "the action is not free: " : "the generators are dependent: ");
    print_combination(why, c, k);
    caustic_text_append(why, " vanishes at ");
    print_point(why, point, setting);

    for (slong i = 0; i < COMBINATIONS && combination(c, i, kernel, length, k); i++)
    {
        if (linearisation(l, c, point, setting) && is_never_skew(trace, l))
        {
            char * s = fmpq_get_str(NULL, 10, trace);

            caustic_text_append(why, "; and no metric near there is invariant: the linearisation L of ");
            print_combination(why, c, k);
            caustic_text_printf(why, " is not 0 and has tr L^2 = %s, which is not negative, so no scalar product makes it skew", s);
            flint_free(s);
            break;
        }
    }

    _fmpz_vec_clear(c, k);
    fmpq_mat_clear(l);
    fmpq_clear(trace);
}

int
find_dependence(caustic_text_t why, const caustic_setting_t setting)
{
    slong n = setting->parameters, k = setting->generators, length = 0;
    fmpq * point = _fmpq_vec_init(n);
    fmpq_mat_t values;
    fmpz_mat_t kernel;

    fmpq_mat_init(values, k, n);
    fmpz_mat_init(kernel, k, k);
    for (slong i = 0; i < FLINT_MIN(SPECIAL_POINTS, SPECIAL_ENTRIES / (k*n + 1)) && k > 0 && length == 0; i++)
        if (stratum_point(point, i, 1, setting) && matrix_at(values, setting->generator, point, setting))
            length = left_kernel(kernel, values);
    if (length > 0)
        explain_dependence(why, kernel, length, point, setting);

    _fmpq_vec_clear(point, n);
    fmpq_mat_clear(values);
    fmpz_mat_clear(kernel);
    return length > 0;
}
