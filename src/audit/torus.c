/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    torus: charges that are sums of multiples of squares, Q_a = sum_b s_ab theta_b^2, as rescalings have under a constant
    diagonal metric. The leaf's K_c: explicit where no parameter is rescaled by two generators and the section tells how far,
    implicit [AUDIT-8] where the invariants are monomials.
*/

#include <string.h>
#include <flint/fmpq_mat.h>
#include <flint/fmpq_vec.h>
#include <flint/fmpz_mat.h>
#include "audit_internal.h"

#define EXPONENT_BITS 7

/* Charges ************************************************************************************/

/* x/theta_b, if that is a rational number. */
static int
ratio_to_parameter(fmpq_t res, gr_srcptr x, slong b, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    gr_ptr quotient;
    int rational;

    GR_TMP_INIT(quotient, ctx);
    rational = caustic_field_set_expr(quotient, work->setting->parameter[b], ctx) == GR_SUCCESS
        && gr_div(quotient, x, quotient, ctx) == GR_SUCCESS && caustic_field_get_fmpq(res, quotient, ctx) == T_TRUE;
    GR_TMP_CLEAR(quotient, ctx);
    return rational;
}

/* s with dQ_a = sum_b s_ab theta_b dtheta_b, so that the charges, printed as theta.dQ, are sum_b s_ab theta_b^2. */
static int
read_squares(fmpq_mat_t s, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    int squares = work->audit->charges == work->charge_slope->r;

    for (slong a = 0; a < s->r && squares; a++)
        for (slong b = 0; b < s->c && squares; b++)
            squares = ratio_to_parameter(fmpq_mat_entry(s, a, b), gr_mat_entry_srcptr(work->charge_slope, a, b, ctx), b, work);
    return squares;
}

/* The diagonal of A_0, rational numbers. */
static void
read_speeds(fmpq * speed, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;

    for (slong b = 0; b < work->parameters; b++)
        if (caustic_field_get_fmpq(speed + b, gr_mat_entry_srcptr(work->metric, b, b, ctx), ctx) != T_TRUE)
            flint_throw(FLINT_ERROR, "read_speeds: A_0 is not constant\n");
}

/* Explicitly *********************************************************************************/

/* On the orbit of the section theta_b = sigma_b x^(q_b/2) with q_b = -1, 0 or 1, and c = P x - M/x with P, M the sums of
   |s_b| sigma_b^2 over q_b = 1, -1. So x = (c + sqrt(c^2 + 4 P M))/(2 P), x = c/P where M is 0, and x = -M/c where P is.
   CAUSTIC_NONE where the q_b are others. */
static caustic_expr
distance_to_leaf(const fmpq_mat_t s, slong row, const fmpq * speed, caustic_expr c, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    caustic_pool * pool = setting->pool;
    caustic_expr zero = caustic_integer(pool, 0), two = caustic_integer(pool, 2), plus = zero, minus = zero, root;
    fmpq_t q, unit;
    int fits = 1;

    fmpq_init(q);
    fmpq_init(unit);
    for (slong b = 0; b < work->parameters && fits; b++)
    {
        caustic_expr square = caustic_power_si(pool, setting->section[b], 2);

        fmpq_mul(q, fmpq_mat_entry(s, row, b), speed + b);
        if (fmpq_is_zero(q))
            continue;
        if (fmpq_is_zero(unit))
            fmpq_abs(unit, q);
        square = caustic_mul(pool, square, caustic_number(pool, fmpq_mat_entry(s, row, b)));
        if (fmpq_sgn(q) > 0)
            plus = caustic_add(pool, plus, square);
        else
            minus = caustic_sub(pool, minus, square);
        fmpq_abs(q, q);
        fits = fmpq_equal(q, unit);
    }
    fmpq_clear(q);
    fmpq_clear(unit);
    if (!fits || (plus == zero && minus == zero))
        return CAUSTIC_NONE;
    if (minus == zero)
        return caustic_div(pool, c, plus);
    if (plus == zero)
        return caustic_neg(pool, caustic_div(pool, minus, c));
    root = caustic_sqrt(pool, caustic_add(pool, caustic_power_si(pool, c, 2),
        caustic_mul(pool, caustic_integer(pool, 4), caustic_mul(pool, plus, minus))));
    return caustic_div(pool, caustic_add(pool, c, root), caustic_mul(pool, two, plus));
}

/* theta on the leaf as sigma_b x_a^(q_ab/2), in symbols for the x_a; 0 if two rows move one parameter. */
static int
move_section(caustic_expr * moved, const caustic_expr * x, const fmpq_mat_t s, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    int apart = 1;
    fmpq_t half;

    fmpq_init(half);
    for (slong b = 0; b < work->parameters && apart; b++)
    {
        slong movers = 0;

        moved[b] = setting->section[b];
        for (slong a = 0; a < s->r; a++)
            if (!fmpq_is_zero(fmpq_mat_entry(s, a, b)))
            {
                fmpq_set_si(half, fmpq_sgn(fmpq_mat_entry(s, a, b)), 2);
                moved[b] = caustic_mul(setting->pool, moved[b], caustic_power(setting->pool, x[a], half));
                movers++;
            }
        apart = movers <= 1;
    }
    fmpq_clear(half);
    return apart;
}

/* Whether the squares of a charge all have one sign: then its value does. */
static int
sign_of_row(const fmpq_mat_t s, slong row)
{
    int plus = 0, minus = 0;

    for (slong b = 0; b < s->c; b++)
    {
        plus |= fmpq_sgn(fmpq_mat_entry(s, row, b)) > 0;
        minus |= fmpq_sgn(fmpq_mat_entry(s, row, b)) < 0;
    }
    return plus - minus;
}

/* The field of functions of the coordinates and the charges' values. */
static void
leaf_field_init(gr_ctx_t ctx, const fmpq_mat_t s, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    slong d = work->coordinates, m = s->r;
    caustic_expr * symbols = flint_malloc((size_t) (d + m) * sizeof(caustic_expr));
    caustic_interval_struct * domains = flint_malloc((size_t) (d + m) * sizeof(caustic_interval_struct));

    for (slong i = 0; i < d + m; i++)
    {
        symbols[i] = i < d ? setting->coordinate[i] : work->audit->charge_symbol[i - d];
        caustic_interval_init(domains + i);
        if (i < d)
            caustic_interval_set(domains + i, setting->coordinate_domain + i);
        else if (sign_of_row(s, i - d) > 0)
            domains[i].lower_infinite = 0; /* (0, inf) */
        else if (sign_of_row(s, i - d) < 0)
            domains[i].upper_infinite = 0;
    }
    caustic_field_ctx_init(ctx, setting->pool, symbols, domains, d + m);
    for (slong i = 0; i < d + m; i++)
        caustic_interval_clear(domains + i);
    flint_free(domains);
    flint_free(symbols);
}

/* F_0 at the moved section, in the coordinates and the charges' values. */
static int
read_leaf_cometric(caustic_expr * entries, const fmpq_mat_t s, const fmpq * speed, const audit_work_t work)
{
    caustic_pool * pool = work->setting->pool;
    slong n = work->parameters, entries_length = work->size * work->size, m = s->r;
    caustic_expr * moved = flint_malloc((size_t) n * sizeof(caustic_expr));
    caustic_expr * x = flint_malloc((size_t) m * sizeof(caustic_expr));
    caustic_expr * roots = flint_malloc((size_t) m * sizeof(caustic_expr));
    gr_ctx_t ctx;
    gr_ptr value;
    int fits = 1;

    for (slong a = 0; a < m; a++)
    {
        caustic_text_t name;

        /* No name of a case has a prime in it. */
        caustic_text_init(name);
        caustic_text_printf(name, "x'%ld", (long) a);
        x[a] = caustic_symbol(pool, name->data);
        caustic_symbol_assume_positive(pool, x[a]);
        caustic_text_clear(name);
        roots[a] = distance_to_leaf(s, a, speed, work->audit->charge_symbol[a], work);
        fits = fits && roots[a] != CAUSTIC_NONE;
    }
    fits = fits && move_section(moved, x, s, work);

    leaf_field_init(ctx, s, work);
    GR_TMP_INIT(value, ctx);
    for (slong i = 0; i < entries_length && fits; i++)
    {
        caustic_expr entry = caustic_substitute(pool, work->force_expr[i], work->setting->parameter, moved, n);

        entry = entry == CAUSTIC_NONE ? entry : caustic_substitute(pool, entry, x, roots, m);
        fits = entry != CAUSTIC_NONE && caustic_field_set_expr(value, entry, ctx) == GR_SUCCESS;
        entries[i] = fits ? caustic_field_get_expr(value, ctx) : CAUSTIC_NONE;
    }
    GR_TMP_CLEAR(value, ctx);
    gr_ctx_clear(ctx);
    flint_free(moved);
    flint_free(x);
    flint_free(roots);
    return fits;
}

/* K_c(pi(theta)) with c the charges is F_0, identically: what was found is proved. */
static int
leaf_cometric_is_force(const caustic_expr * entries, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    caustic_pool * pool = setting->pool;
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong d = work->coordinates, size = work->size;
    int same = 1;
    gr_ptr difference;

    GR_TMP_INIT(difference, ctx);
    for (slong i = 0; i < size * size && same; i++)
    {
        caustic_expr entry = caustic_substitute(pool, entries[i], setting->coordinate, setting->invariant, d);

        entry = entry == CAUSTIC_NONE ? entry
            : caustic_substitute(pool, entry, work->audit->charge_symbol, work->audit->charge, work->audit->charges);
        same = entry != CAUSTIC_NONE && caustic_field_set_expr(difference, entry, ctx) == GR_SUCCESS
            && gr_sub(difference, difference, gr_mat_entry_srcptr(work->force, i / size, i % size, ctx), ctx) == GR_SUCCESS
            && caustic_field_is_zero(difference, NULL, ctx) == T_TRUE;
    }
    GR_TMP_CLEAR(difference, ctx);
    return same;
}

/* Implicitly *********************************************************************************/

/* B with theta_b d_b z_i = B_ib z_i, integers: the invariants are monomials kappa_i prod_b theta_b^(B_ib). */
static int
read_exponents(fmpz_mat_t exponent, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    int monomials = 1;
    gr_ptr x, z;
    fmpq_t power;

    GR_TMP_INIT2(x, z, ctx);
    fmpq_init(power);
    for (slong i = 0; i < work->coordinates && monomials; i++)
    {
        monomials = caustic_field_set_expr(z, work->setting->invariant[i], ctx) == GR_SUCCESS;
        for (slong b = 0; b < work->parameters && monomials; b++)
        {
            monomials = caustic_field_set_expr(x, work->setting->parameter[b], ctx) == GR_SUCCESS
                && gr_mul(x, x, gr_mat_entry_srcptr(work->jacobian, i, b, ctx), ctx) == GR_SUCCESS
                && gr_div(x, x, z, ctx) == GR_SUCCESS && caustic_field_get_fmpq(power, x, ctx) == T_TRUE
                && fmpz_is_one(fmpq_denref(power)) && fmpz_bits(fmpq_numref(power)) <= EXPONENT_BITS;
            if (monomials)
                fmpz_set(fmpz_mat_entry(exponent, i, b), fmpq_numref(power));
        }
    }
    fmpq_clear(power);
    GR_TMP_CLEAR2(x, z, ctx);
    return monomials;
}

/* kappa_i^2 */
static int
read_scale(fmpq_t scale, const fmpz_mat_t exponent, slong i, const audit_work_t work)
{
    caustic_pool * pool = work->setting->pool;
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    caustic_expr ratio = caustic_power_si(pool, work->setting->invariant[i], 2);
    gr_ptr x;
    int rational;

    for (slong b = 0; b < work->parameters; b++)
        ratio = caustic_mul(pool, ratio, caustic_power_si(pool, work->setting->parameter[b],
            -2 * fmpz_get_si(fmpz_mat_entry(exponent, i, b))));
    GR_TMP_INIT(x, ctx);
    rational = caustic_field_set_expr(x, ratio, ctx) == GR_SUCCESS && caustic_field_get_fmpq(scale, x, ctx) == T_TRUE;
    GR_TMP_CLEAR(x, ctx);
    return rational;
}

/* sum_b s_ab A_b B_ib = 0, and the ranks m and d: the conditions of [AUDIT-8], m + d = N. */
static int
are_complementary(const fmpq_mat_t s, const fmpq * speed, const fmpz_mat_t exponent)
{
    slong n = s->c, m = s->r, d = exponent->r;
    fmpq_mat_t copy;
    fmpq_t sum, term;
    int answer = m + d == n && fmpz_mat_rank(exponent) == d;

    fmpq_mat_init(copy, m, n);
    fmpq_init(sum);
    fmpq_init(term);
    for (slong a = 0; a < m && answer; a++)
        for (slong i = 0; i < d && answer; i++)
        {
            fmpq_zero(sum);
            for (slong b = 0; b < n; b++)
            {
                fmpq_mul(term, fmpq_mat_entry(s, a, b), speed + b);
                fmpq_mul_fmpz(term, term, fmpz_mat_entry(exponent, i, b));
                fmpq_add(sum, sum, term);
            }
            answer = fmpq_is_zero(sum);
        }
    answer = answer && fmpq_mat_rref(copy, s) == m;
    fmpq_mat_clear(copy);
    fmpq_clear(sum);
    fmpq_clear(term);
    return answer;
}

/* [s | 1] in echelon form, the parameters from the last to the first: so the first ones stay free. */
static void
solve_squares(fmpq_mat_t solved, const fmpq_mat_t s)
{
    slong m = s->r, n = s->c;

    for (slong a = 0; a < m; a++)
    {
        for (slong b = 0; b < n; b++)
            fmpq_set(fmpq_mat_entry(solved, a, n - 1 - b), fmpq_mat_entry(s, a, b));
        fmpq_one(fmpq_mat_entry(solved, a, n + a));
    }
    (void) fmpq_mat_rref(solved, solved);
}

/* The squares theta_b^2 as affine functions of those of the free parameters and the charges: N expressions. */
static void
write_squares(caustic_audit_implicit * leaf, const fmpq_mat_t s, const audit_work_t work)
{
    caustic_pool * pool = work->setting->pool;
    slong m = s->r, n = s->c, unknown = 0;
    slong * row = flint_malloc((size_t) n * sizeof(slong));
    fmpq_mat_t solved;

    fmpq_mat_init(solved, m, n + m);
    solve_squares(solved, s);
    for (slong b = 0; b < n; b++)
        row[b] = -1;
    for (slong a = 0; a < m; a++)
    {
        slong pivot = 0;

        while (fmpq_is_zero(fmpq_mat_entry(solved, a, pivot)))
            pivot++;
        row[n - 1 - pivot] = a;
    }
    for (slong b = 0; b < n; b++)
        if (row[b] < 0)
        {
            leaf->unknown[unknown] = audit_symbol(work, "x", "square", work->coordinates == 1 ? 0 : unknown + 1);
            leaf->free[unknown] = b;
            leaf->square[b] = leaf->unknown[unknown++];
        }
    for (slong b = 0; b < n; b++)
    {
        if (row[b] < 0)
            continue;
        leaf->square[b] = caustic_integer(pool, 0);
        for (slong i = 0; i < unknown; i++)
            leaf->square[b] = caustic_sub(pool, leaf->square[b], caustic_mul(pool, leaf->unknown[i],
                caustic_number(pool, fmpq_mat_entry(solved, row[b], n - 1 - leaf->free[i]))));
        for (slong a = 0; a < m; a++)
            leaf->square[b] = caustic_add(pool, leaf->square[b], caustic_mul(pool, work->audit->charge_symbol[a],
                caustic_number(pool, fmpq_mat_entry(solved, row[b], n + a))));
    }
    fmpq_mat_clear(solved);
    flint_free(row);
}

/* kappa_i^2 prod_{B > 0} X_b^(B_ib) = z_i^2 prod_{B < 0} X_b^(-B_ib) */
static int
write_equation(caustic_audit_implicit * leaf, slong i, const audit_work_t work)
{
    caustic_pool * pool = work->setting->pool;
    fmpq_t scale;
    int known;

    fmpq_init(scale);
    known = read_scale(scale, leaf->exponent, i, work);
    leaf->left[i] = caustic_number(pool, scale);
    leaf->right[i] = caustic_power_si(pool, work->setting->coordinate[i], 2);
    for (slong b = 0; b < work->parameters; b++)
    {
        slong power = fmpz_get_si(fmpz_mat_entry(leaf->exponent, i, b));
        caustic_expr factor = caustic_power_si(pool, leaf->square[b], FLINT_ABS(power));

        if (power > 0)
            leaf->left[i] = caustic_mul(pool, leaf->left[i], factor);
        else if (power < 0)
            leaf->right[i] = caustic_mul(pool, leaf->right[i], factor);
    }
    fmpq_clear(scale);
    return known;
}

/* K^{ij} = z_i z_j sum_b A_b B_ib B_jb/X_b */
static caustic_expr
implicit_entry(const caustic_audit_implicit * leaf, slong i, slong j, const fmpq * speed, const audit_work_t work)
{
    caustic_pool * pool = work->setting->pool;
    caustic_expr sum = caustic_integer(pool, 0);
    fmpq_t weight;

    fmpq_init(weight);
    for (slong b = 0; b < work->parameters; b++)
    {
        fmpq_mul_fmpz(weight, speed + b, fmpz_mat_entry(leaf->exponent, i, b));
        fmpq_mul_fmpz(weight, weight, fmpz_mat_entry(leaf->exponent, j, b));
        if (!fmpq_is_zero(weight))
            sum = caustic_add(pool, sum, caustic_div(pool, caustic_number(pool, weight), leaf->square[b]));
    }
    fmpq_clear(weight);
    return caustic_mul(pool, caustic_mul(pool, work->setting->coordinate[i], work->setting->coordinate[j]), sum);
}

static void
implicit_init(caustic_audit_implicit * leaf, slong n, slong d)
{
    leaf->unknowns = leaf->equations = d;
    leaf->parameters = n;
    leaf->unknown = flint_calloc((size_t) d, sizeof(caustic_expr));
    leaf->free = flint_calloc((size_t) d, sizeof(slong));
    leaf->square = flint_calloc((size_t) n, sizeof(caustic_expr));
    leaf->left = flint_calloc((size_t) d, sizeof(caustic_expr));
    leaf->right = flint_calloc((size_t) d, sizeof(caustic_expr));
    leaf->cometric = flint_calloc((size_t) (d * d), sizeof(caustic_expr));
    fmpz_mat_init(leaf->exponent, d, n);
}

void
implicit_clear(caustic_audit_implicit * leaf)
{
    if (leaf->unknowns == 0)
        return;
    flint_free(leaf->unknown);
    flint_free(leaf->free);
    flint_free(leaf->square);
    flint_free(leaf->left);
    flint_free(leaf->right);
    flint_free(leaf->cometric);
    fmpz_mat_clear(leaf->exponent);
    memset(leaf, 0, sizeof(*leaf));
}

/* Every parameter keeps its sign, so that its square determines it. */
static int
signs_are_fixed(const audit_work_t work)
{
    int fixed = 1;

    for (slong b = 0; b < work->parameters && fixed; b++)
        fixed = caustic_interval_is_positive(work->setting->parameter_domain + b)
            || caustic_interval_is_negative(work->setting->parameter_domain + b);
    return fixed;
}

/* [AUDIT-8] */
static int
read_implicit(const fmpq_mat_t s, const fmpq * speed, const audit_work_t work)
{
    caustic_audit_implicit * leaf = &work->audit->implicit;
    slong d = work->coordinates;
    int fits;

    implicit_init(leaf, work->parameters, d);
    fits = signs_are_fixed(work) && read_exponents(leaf->exponent, work) && are_complementary(s, speed, leaf->exponent);
    if (fits)
        write_squares(leaf, s, work);
    for (slong i = 0; i < d && fits; i++)
    {
        fits = write_equation(leaf, i, work);
        for (slong j = 0; j < d; j++)
            leaf->cometric[i * d + j] = implicit_entry(leaf, i, j, speed, work);
    }
    if (!fits)
        implicit_clear(leaf);
    return fits;
}

void
audit_torus(audit_work_t work)
{
    caustic_audit_struct * audit = work->audit;
    slong n = work->parameters, m = work->charge_slope->r, size = work->size;
    fmpq * speed;
    caustic_expr * entries;
    fmpq_mat_t s;

    if (m == 0 || size == 0 || !work->is_constant_diagonal)
        return;
    fmpq_mat_init(s, m, n);
    speed = _fmpq_vec_init(n);
    if (read_squares(s, work))
    {
        read_speeds(speed, work);
        entries = flint_calloc((size_t) (size * size), sizeof(caustic_expr));
        if (work->section_proved && read_leaf_cometric(entries, s, speed, work) && leaf_cometric_is_force(entries, work))
            audit->leaf_cometric = entries;
        else
            flint_free(entries);
        if (work->coordinates == size)
            (void) read_implicit(s, speed, work);
    }
    _fmpq_vec_clear(speed, n);
    fmpq_mat_clear(s);
}
