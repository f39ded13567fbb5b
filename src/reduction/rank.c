/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include <flint/fmpq_vec.h>
#include "reduction_internal.h"

/* What is known of the rank of an r x n matrix of functions, r <= n. */
typedef enum
{
    RANK_OPEN = 1,
    RANK_DEFICIENT,  /* less than r everywhere */
    RANK_GENERIC,    /* r on an open dense set: a Gram determinant that is not identically 0 */
    RANK_EVERYWHERE  /* r at every point of the domain: a minor of one sign, or the Gram determinant */
}
rank_knowledge;

#define RANK_POINTS 12 /* exact points that are tried for full rank */

/* The columns that carry the rank of an exact matrix of full rank, leftmost or rightmost. */
static void
pivot_columns(slong * column, const fmpq_mat_t values, int rightmost)
{
    slong r = fmpq_mat_nrows(values), n = fmpq_mat_ncols(values);
    fmpq_mat_t echelon;

    fmpq_mat_init(echelon, r, n);
    for (slong i = 0; i < r; i++)
        for (slong j = 0; j < n; j++)
            fmpq_set(fmpq_mat_entry(echelon, i, rightmost ? n - 1 - j : j), fmpq_mat_entry(values, i, j));
    fmpq_mat_rref(echelon, echelon);
    for (slong i = 0, j = 0; i < r; i++, j++)
    {
        while (fmpq_is_zero(fmpq_mat_entry(echelon, i, j)))
            j++;
        column[i] = rightmost ? n - 1 - j : j;
    }
    fmpq_mat_clear(echelon);
}

static int
minor_has_no_zeros(const gr_mat_t matrix, const slong * column, const caustic_setting_t setting, gr_ctx_t ctx)
{
    slong r = matrix->r;
    gr_mat_t minor;
    gr_ptr value;
    int status = GR_SUCCESS, nonzero;

    gr_mat_init(minor, r, r, ctx);
    GR_TMP_INIT(value, ctx);
    for (slong i = 0; i < r; i++)
        for (slong j = 0; j < r; j++)
            status |= gr_set(gr_mat_entry_ptr(minor, i, j, ctx), gr_mat_entry_srcptr(matrix, i, column[j], ctx), ctx);
    nonzero = status == GR_SUCCESS && determinant(value, minor, ctx) == GR_SUCCESS
        && caustic_field_is_nonzero_on(value, setting->stratum, setting->strata, ctx);
    gr_mat_clear(minor, ctx);
    GR_TMP_CLEAR(value, ctx);
    return nonzero;
}

/* An exact point of full rank gives rank r on an open dense set, and a minor to look at. */
static rank_knowledge
rank_at_points(const gr_mat_t matrix, const caustic_expr * entries, const caustic_setting_t setting, gr_ctx_t ctx)
{
    slong r = matrix->r, n = matrix->c;
    fmpq * point = _fmpq_vec_init(setting->parameters);
    slong * column = flint_malloc((size_t) FLINT_MAX(r, 1) * sizeof(slong));
    rank_knowledge known = RANK_OPEN;
    fmpq_mat_t values, echelon;

    fmpq_mat_init(values, r, n);
    fmpq_mat_init(echelon, r, n);
    for (slong i = 0; i < RANK_POINTS && known == RANK_OPEN; i++)
        if (stratum_point(point, i, 0, setting) && matrix_at(values, entries, point, setting)
            && fmpq_mat_rref(echelon, values) == r)
            known = RANK_GENERIC;

    for (int rightmost = 0; rightmost < 2 && known == RANK_GENERIC; rightmost++)
    {
        pivot_columns(column, values, rightmost);
        if (minor_has_no_zeros(matrix, column, setting, ctx))
            known = RANK_EVERYWHERE;
    }

    fmpq_mat_clear(values);
    fmpq_mat_clear(echelon);
    _fmpq_vec_clear(point, setting->parameters);
    flint_free(column);
    return known;
}

static rank_knowledge
rank_by_gram_determinant(const gr_mat_t matrix, const caustic_setting_t setting, gr_ctx_t ctx)
{
    slong r = matrix->r, n = matrix->c;
    rank_knowledge known = RANK_OPEN;
    gr_mat_t transpose, gram;
    gr_ptr volume;

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

        if (known == RANK_GENERIC && caustic_field_is_nonzero_on(volume, setting->stratum, setting->strata, ctx))
            known = RANK_EVERYWHERE;
    }

    gr_mat_clear(transpose, ctx);
    gr_mat_clear(gram, ctx);
    GR_TMP_CLEAR(volume, ctx);
    return known;
}

/* The rank of a matrix of functions, whose entries are also given as expressions [REDUCTION-3]. */
static rank_knowledge
rank_of_rows(const gr_mat_t matrix, const caustic_expr * entries, const caustic_setting_t setting, gr_ctx_t ctx)
{
    rank_knowledge at_points, by_gram = RANK_OPEN;

    if (matrix->r == 0)
        return RANK_EVERYWHERE;
    if (matrix->r > matrix->c)
        return RANK_DEFICIENT;

    at_points = rank_at_points(matrix, entries, setting, ctx);
    if (at_points != RANK_EVERYWHERE)
        by_gram = rank_by_gram_determinant(matrix, setting, ctx);
    return by_gram == RANK_OPEN ? at_points : by_gram;
}

static int
is_proved(const caustic_reduction_t reduction, const char * name)
{
    for (slong i = 0; i < reduction->checks->length; i++)
        if (strcmp(reduction->checks->entries[i].name, name) == 0)
            return reduction->checks->entries[i].verdict == CAUSTIC_PROVED;

    return 0;
}

/* The rank of the differentials: full everywhere once metric, section and projectability are proved
   [REDUCTION-7]. */
static rank_knowledge
rank_of_invariants(const caustic_reduction_t reduction, const upstairs_t up)
{
    const caustic_setting_struct * setting = reduction->setting;
    slong d = setting->coordinates, n = setting->parameters;
    caustic_expr * slope;
    rank_knowledge known;

    if (setting->has_section && is_proved(reduction, "metric") && is_proved(reduction, "section")
        && is_proved(reduction, "projectability"))
        return RANK_EVERYWHERE;

    slope = flint_malloc((size_t) FLINT_MAX(d * n, 1) * sizeof(caustic_expr));
    for (slong i = 0; i < d; i++)
        for (slong a = 0; a < n; a++)
            slope[i * n + a] = caustic_derivative(setting->pool, setting->invariant[i], setting->parameter[a]);
    known = rank_of_rows(up->jacobian, slope, setting, ((caustic_reduction_struct *) reduction)->upstairs);
    flint_free(slope);
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

/* One exact point where the generators are dependent refutes; returns whether there is one. */
static int
is_refuted_free(statement_t statement, const caustic_setting_t setting)
{
    caustic_text_t why;
    int refuted;

    caustic_text_init(why);
    refuted = find_dependence(why, setting);
    if (refuted)
        statement_fail(statement, CAUSTIC_REFUTED, "%s", why->data);
    caustic_text_clear(why);
    return refuted;
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
   the action is proved where the group acts by translations [REDUCTION-2] or rescalings [REDUCTION-17] and
   assumed elsewhere. */
void
check_dimension(caustic_reduction_t reduction, const upstairs_t up)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = reduction->upstairs;
    slong n = setting->parameters, k = setting->generators, d = setting->coordinates;
    rank_knowledge orbits = rank_of_rows(up->generators, setting->generator, setting, ctx);
    rank_knowledge invariants = rank_of_invariants(reduction, up);
    int translates = is_translation_group(reduction, up);
    int global = translates || (k + d == n && is_proved(reduction, "section") && is_scaling_group(reduction, up));
    int fixes_points = 0;
    statement_t dimension;

    statement_init(dimension, "dimension");

    if (orbits != RANK_EVERYWHERE)
        fixes_points = is_refuted_free(dimension, setting);
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
        !global ? "" : k == 0 ? "; the section inverts the invariants"
            : translates ? "; in flat coordinates the group acts by translations, so freely and properly"
            : "; the group rescales positive functions, so it acts freely and properly, and each orbit meets the section");

    if (!global)
    {
        if (k > 0 || setting->elements > reduction->coverings)
        {
            if (!fixes_points)
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
    int punctured = !setting->has_section;
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
