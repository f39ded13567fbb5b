/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include "reduction_internal.h"

/* Divides by the stratum's expressions, which do not vanish on the stratum, as long as that makes
   the sign readable: x = s^m y with y of one sign and s of one sign (or m even) has one sign too. */
int
divide_by_stratum(gr_ptr res, gr_srcptr x, const caustic_setting_t setting, gr_ctx_t ctx)
{
    gr_ptr factor, quotient;
    int positive = 0;

    GR_TMP_INIT2(factor, quotient, ctx);

    for (slong i = 0; i < setting->strata && !positive; i++)
    {
        caustic_sign sign;

        if (caustic_field_set_expr(factor, setting->stratum[i], ctx) != GR_SUCCESS)
            continue;

        sign = caustic_field_sign(factor, ctx);

        /* Neither >= 0 nor <= 0: only the square is known to be positive on the stratum. */
        if (sign != CAUSTIC_SIGN_NONNEGATIVE && sign != CAUSTIC_SIGN_NONPOSITIVE
            && sign != CAUSTIC_SIGN_POSITIVE && sign != CAUSTIC_SIGN_NEGATIVE)
            if (gr_mul(factor, factor, factor, ctx) != GR_SUCCESS)
                continue;

        if (sign == CAUSTIC_SIGN_NONPOSITIVE || sign == CAUSTIC_SIGN_NEGATIVE)
            if (gr_neg(factor, factor, ctx) != GR_SUCCESS)
                continue;

        if (gr_set(quotient, x, ctx) != GR_SUCCESS)
            continue;

        for (int power = 1; power <= 4 && !positive; power++)
        {
            if (gr_div(quotient, quotient, factor, ctx) != GR_SUCCESS)
                break;

            positive = caustic_field_sign(quotient, ctx) == CAUSTIC_SIGN_POSITIVE;
            if (positive)
                positive = gr_set(res, quotient, ctx) == GR_SUCCESS;
        }
    }

    GR_TMP_CLEAR2(factor, quotient, ctx);
    return positive;
}

/* metric: A symmetric and, by Sylvester's criterion on its leading minors, positive definite. */
void
check_metric(caustic_reduction_t reduction, const upstairs_t up)
{
    gr_ctx_struct * ctx = reduction->upstairs;
    slong n = up->inverse_metric->r;
    gr_ptr value;
    gr_mat_t window;
    int diagonal = 1;
    statement_t metric;

    GR_TMP_INIT(value, ctx);
    statement_init(metric, "metric");

    for (slong a = 0; a < n; a++)
    {
        for (slong b = 0; b < n; b++)
        {
            gr_srcptr entry = gr_mat_entry_srcptr(up->inverse_metric, a, b, ctx);

            if (a != b && gr_is_zero(entry, ctx) != T_TRUE)
                diagonal = 0;

            statement_require_smooth(metric, reduction->setting->inverse_metric[a * n + b], reduction->setting->stratum,
                reduction->setting->strata, ctx, "entry (%ld, %ld) of the inverse metric", (long) a + 1, (long) b + 1);

            if (a < b && statement_require_success(metric,
                    gr_sub(value, entry, gr_mat_entry_srcptr(up->inverse_metric, b, a, ctx), ctx),
                    "entry (%ld, %ld) minus its mirror image", (long) a + 1, (long) b + 1))
                statement_require_zero(metric, value, ctx,
                    "the inverse metric is not symmetric: entry (%ld, %ld) minus its mirror image",
                    (long) a + 1, (long) b + 1);
        }
    }

    for (slong m = 1; m <= n && metric->verdict != CAUSTIC_REFUTED; m++)
    {
        int status;

        if (diagonal)
        {
            status = gr_set(value, gr_mat_entry_srcptr(up->inverse_metric, m - 1, m - 1, ctx), ctx);
        }
        else
        {
            gr_mat_window_init(window, up->inverse_metric, 0, 0, m, m, ctx);
            status = determinant(value, window, ctx);
            gr_mat_window_clear(window, ctx);
        }

        if (!statement_require_success(metric, status, "leading minor %ld", (long) m))
            continue;

        if (caustic_field_sign(value, ctx) != CAUSTIC_SIGN_POSITIVE
            && divide_by_stratum(value, value, reduction->setting, ctx))
            continue;

        statement_require_sign(metric, value, 1, ctx, diagonal
            ? "the inverse metric is not positive definite: diagonal entry %ld > 0"
            : "the inverse metric is not positive definite: leading minor %ld > 0", (long) m);
    }

    statement_conclude(reduction->checks, metric, "symmetric, and positive definite on the whole domain");
    GR_TMP_CLEAR(value, ctx);
}

/* What is known of the rank of an r x n matrix of functions, r <= n. */
typedef enum
{
    RANK_OPEN = 1,
    RANK_DEFICIENT,  /* less than r everywhere */
    RANK_GENERIC,    /* r on an open dense set: a Gram determinant that is not identically 0 */
    RANK_EVERYWHERE  /* r at every point of the domain: a minor of one sign, or the Gram determinant */
}
rank_knowledge;

static rank_knowledge
sign_of_minor(const gr_mat_t matrix, slong first_column, gr_ctx_t ctx)
{
    gr_mat_t window;
    gr_ptr minor;
    caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;

    GR_TMP_INIT(minor, ctx);
    gr_mat_window_init(window, matrix, 0, first_column, matrix->r, first_column + matrix->r, ctx);

    if (determinant(minor, window, ctx) == GR_SUCCESS)
        sign = caustic_field_sign(minor, ctx);

    gr_mat_window_clear(window, ctx);
    GR_TMP_CLEAR(minor, ctx);

    return (sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE) ? RANK_EVERYWHERE : RANK_OPEN;
}

/* One minor of one sign, or the Gram determinant, decides [REDUCTION-3]. */
static rank_knowledge
rank_of_rows(const gr_mat_t matrix, const caustic_setting_t setting, gr_ctx_t ctx)
{
    slong r = matrix->r, n = matrix->c;
    rank_knowledge known = RANK_OPEN;
    gr_mat_t transpose, gram;
    gr_ptr volume;

    if (r == 0)
        return RANK_EVERYWHERE;
    if (r > n)
        return RANK_DEFICIENT;

    if (sign_of_minor(matrix, 0, ctx) == RANK_EVERYWHERE || sign_of_minor(matrix, n - r, ctx) == RANK_EVERYWHERE)
        return RANK_EVERYWHERE;

    gr_mat_init(transpose, n, r, ctx);
    gr_mat_init(gram, r, r, ctx);
    GR_TMP_INIT(volume, ctx);

    if (gr_mat_transpose(transpose, matrix, ctx) == GR_SUCCESS
        && gr_mat_mul(gram, matrix, transpose, ctx) == GR_SUCCESS
        && determinant(volume, gram, ctx) == GR_SUCCESS)
    {
        truth_t zero = caustic_field_is_zero(volume, NULL, ctx);

        if (zero == T_TRUE)
            known = RANK_DEFICIENT;
        else if (zero == T_FALSE)
            known = RANK_GENERIC;

        if (known == RANK_GENERIC && (caustic_field_sign(volume, ctx) == CAUSTIC_SIGN_POSITIVE
                || divide_by_stratum(volume, volume, setting, ctx)))
            known = RANK_EVERYWHERE;
    }

    gr_mat_clear(transpose, ctx);
    gr_mat_clear(gram, ctx);
    GR_TMP_CLEAR(volume, ctx);
    return known;
}

static void
require_rank(statement_t statement, rank_knowledge known, const char * what, slong rank)
{
    if (known == RANK_DEFICIENT)
        statement_fail(statement, CAUSTIC_REFUTED, "%s less than %ld everywhere", what, (long) rank);
    else if (known == RANK_OPEN)
        statement_fail(statement, CAUSTIC_UNDECIDED, "whether %s %ld could not be read off", what, (long) rank);
}

void
assume(caustic_reduction_t reduction, const char * what)
{
    for (slong i = 0; i < reduction->assumptions_length; i++)
        if (strcmp(reduction->assumptions[i], what) == 0)
            return;

    reduction->assumptions = flint_realloc(reduction->assumptions,
        (size_t) (reduction->assumptions_length + 1) * sizeof(char *));
    reduction->assumptions[reduction->assumptions_length++] = caustic_string_copy(what);
}

/* dimension: rank xi = k, rank d pi = d, k + d = N. Local freeness follows; what is global about
   the action is proved where the group acts by translations [REDUCTION-2] and assumed elsewhere. */
void
check_dimension(caustic_reduction_t reduction, const upstairs_t up)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = reduction->upstairs;
    slong n = setting->parameters, k = setting->generators, d = setting->coordinates;
    rank_knowledge orbits = rank_of_rows(up->generators, setting, ctx);
    rank_knowledge invariants = rank_of_rows(up->jacobian, setting, ctx);
    int global = is_translation_group(reduction, up);
    statement_t dimension;

    statement_init(dimension, "dimension");

    if (k + d != n)
        statement_fail(dimension, CAUSTIC_REFUTED,
            "%ld parameters, %ld generators and %ld coordinates: %ld + %ld is not %ld",
            (long) n, (long) k, (long) d, (long) k, (long) d, (long) n);

    require_rank(dimension, orbits, "the rank of the generators is", k);
    require_rank(dimension, invariants, "the rank of the invariants' differentials is", d);

    statement_conclude(reduction->checks, dimension, "%ld = %ld + %ld; the orbits have dimension %ld %s, the invariants are independent %s%s",
        (long) n, (long) k, (long) d, (long) k,
        orbits == RANK_EVERYWHERE ? "everywhere" : "generically",
        invariants == RANK_EVERYWHERE ? "everywhere" : "generically",
        !global ? "" : k > 0 ? "; in flat coordinates the group acts by translations, so freely and properly"
            : "; the section inverts the invariants");

    if (!global)
    {
        if (k > 0 || setting->elements > 0)
        {
            assume(reduction, "freeness");
            assume(reduction, "properness");
        }

        assume(reduction, "orbit separation");
    }

    if (!is_complete_by_charts(reduction))
        assume(reduction, "completeness");
}

int
caustic_reduction_is_punctured(const caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = ((caustic_reduction_struct *) reduction)->downstairs;
    int punctured = 0;
    gr_ptr value;

    GR_TMP_INIT(value, ctx);

    for (slong i = 0; i < setting->strata && !punctured; i++)
    {
        caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;

        if (caustic_field_set_expr(value, on_section(setting, setting->stratum[i]), ctx) == GR_SUCCESS)
            sign = caustic_field_sign(value, ctx);

        punctured = sign != CAUSTIC_SIGN_POSITIVE && sign != CAUSTIC_SIGN_NEGATIVE;
    }

    GR_TMP_CLEAR(value, ctx);
    return punctured;
}
