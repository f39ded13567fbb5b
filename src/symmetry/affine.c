/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Vector fields xi = S theta + s that keep the loss. xi L = 0 at many points is a linear system for S and s; its solutions
    are guessed from balls, as rational numbers, and each is then proved in the exact field. [SYMMETRY-3]
*/

#include <flint/arb_mat.h>
#include <stdlib.h>
#include <flint/fmpq_vec.h>
#include <flint/ulong_extras.h>
#include "symmetry/symmetry_internal.h"

#define AFFINE_PARAMETERS 12
#define AFFINE_NODES 3000
#define AFFINE_PRECISION 300
#define AFFINE_TINY -120  /* what is below 2^this after elimination counts as 0 */
#define AFFINE_HEIGHT 100 /* of the rational numbers that are guessed */

/* One unknown: the coefficient of parameter `of` (-1: of 1) in the component of xi along `along`. */
typedef struct
{
    slong along;
    slong of;
}
unknown_struct;

/* Components that leave the domain alone: multiples of the parameter itself on a cone, anything on the line. */
static slong
list_unknowns(unknown_struct * unknown, const caustic_setting_struct * setting)
{
    slong n = setting->parameters, length = 0;

    for (slong a = 0; a < n; a++)
    {
        if (is_whole_line(setting->parameter_domain + a))
            for (slong b = -1; b < n; b++)
                unknown[length++] = (unknown_struct) {a, b};
        else if (is_cone(setting->parameter_domain + a))
            unknown[length++] = (unknown_struct) {a, a};
    }
    return length;
}

/* A point of the domain; nothing is proved with it. */
static void
random_point(arb_ptr point, const caustic_setting_struct * setting, ulong * state)
{
    for (slong b = 0; b < setting->parameters; b++)
    {
        const caustic_interval_struct * domain = setting->parameter_domain + b;
        slong numerator;

        *state = *state * UWORD(6364136223846793005) + UWORD(1442695040888963407);
        numerator = (slong) (*state >> 33) % 1999 + 1; /* of 2000 */
        arb_set_si(point + b, is_whole_line(domain) ? 2 * numerator - 2000 : numerator);
        arb_div_si(point + b, point + b, is_whole_line(domain) ? 1500 : 2000, AFFINE_PRECISION);
        if (!domain->lower_infinite && !domain->upper_infinite)
        {
            arb_t width, end;

            arb_init(width);
            arb_init(end);
            arb_set_fmpq(width, domain->upper, AFFINE_PRECISION);
            arb_set_fmpq(end, domain->lower, AFFINE_PRECISION);
            arb_sub(width, width, end, AFFINE_PRECISION);
            arb_mul(point + b, point + b, width, AFFINE_PRECISION);
            arb_add(point + b, point + b, end, AFFINE_PRECISION);
            arb_clear(width);
            arb_clear(end);
        }
        else if (!domain->lower_infinite || !domain->upper_infinite)
        {
            arb_t end;

            arb_init(end);
            arb_set_fmpq(end, domain->lower_infinite ? domain->upper : domain->lower, AFFINE_PRECISION);
            if (domain->lower_infinite)
                arb_neg(point + b, point + b);
            arb_add(point + b, point + b, end, AFFINE_PRECISION);
            arb_clear(end);
        }
    }
}

/* The rows d_a L theta_b and d_a L at points, each divided by its largest entry; 0 where too few are finite. */
static int
fill_system(arb_mat_t system, const unknown_struct * unknown, const caustic_tape * slopes, const caustic_setting_struct * setting)
{
    slong n = setting->parameters, row = 0;
    arb_ptr point = _arb_vec_init(n), slope = _arb_vec_init(n);
    arb_t largest, size;
    ulong state = 7;

    arb_init(largest);
    arb_init(size);
    for (slong trial = 0; trial < 4 * arb_mat_nrows(system) && row < arb_mat_nrows(system); trial++)
    {
        random_point(point, setting, &state);
        caustic_tape_evaluate_arb(slope, slopes, point, AFFINE_PRECISION);
        if (!_arb_vec_is_finite(slope, n))
            continue;
        arb_zero(largest);
        for (slong k = 0; k < arb_mat_ncols(system); k++)
        {
            arb_ptr entry = arb_mat_entry(system, row, k);

            if (unknown[k].of < 0)
                arb_set(entry, slope + unknown[k].along);
            else
                arb_mul(entry, slope + unknown[k].along, point + unknown[k].of, AFFINE_PRECISION);
            arb_abs(size, entry);
            arb_max(largest, largest, size, AFFINE_PRECISION);
        }
        if (!arb_is_positive(largest))
            continue;
        for (slong k = 0; k < arb_mat_ncols(system); k++)
            arb_div(arb_mat_entry(system, row, k), arb_mat_entry(system, row, k), largest, AFFINE_PRECISION);
        row++;
    }
    arb_clear(largest);
    arb_clear(size);
    _arb_vec_clear(point, n);
    _arb_vec_clear(slope, n);
    return row == arb_mat_nrows(system);
}

/* Gauss and Jordan with the largest pivots; pivot[k] is the row of column k's, -1 for a free column. */
static void
eliminate(arb_mat_t system, slong * pivot)
{
    slong columns = arb_mat_ncols(system), rows = arb_mat_nrows(system), rank = 0;
    arb_t factor;

    arb_init(factor);
    for (slong k = 0; k < columns; k++)
    {
        slong best = -1;

        for (slong i = rank; i < rows; i++)
            if (best < 0 || arf_cmpabs(arb_midref(arb_mat_entry(system, i, k)), arb_midref(arb_mat_entry(system, best, k))) > 0)
                best = i;
        pivot[k] = -1;
        if (best < 0 || arf_cmpabs_2exp_si(arb_midref(arb_mat_entry(system, best, k)), AFFINE_TINY) < 0)
            continue;
        arb_mat_swap_rows(system, NULL, rank, best);
        for (slong i = 0; i < rows; i++)
        {
            if (i == rank)
                continue;
            arb_div(factor, arb_mat_entry(system, i, k), arb_mat_entry(system, rank, k), AFFINE_PRECISION);
            for (slong j = k; j < columns; j++)
                arb_submul(arb_mat_entry(system, i, j), factor, arb_mat_entry(system, rank, j), AFFINE_PRECISION);
        }
        for (slong j = columns - 1; j >= k; j--)
            arb_div(arb_mat_entry(system, rank, j), arb_mat_entry(system, rank, j), arb_mat_entry(system, rank, k), AFFINE_PRECISION);
        pivot[k] = rank++;
    }
    arb_clear(factor);
}

/* The simplest rational number near the midpoint; 0 where it is not simple. */
static int
guess(fmpq_t res, const arb_t x)
{
    fmpq_t low, high, width;
    arf_t middle;
    int simple;

    if (!arb_is_finite(x))
        return 0;
    fmpq_init(low);
    fmpq_init(high);
    fmpq_init(width);
    arf_init(middle);
    arf_set_round(middle, arb_midref(x), AFFINE_PRECISION, ARF_RND_NEAR);
    fmpq_one(width);
    fmpq_div_2exp(width, width, 60);
    arf_get_fmpq(low, middle);
    fmpq_add(high, low, width);
    fmpq_sub(low, low, width);
    fmpq_simplest_between(res, low, high);
    simple = fmpz_cmpabs(fmpq_numref(res), fmpq_denref(res)) > 0 ? fmpz_cmp_si(fmpq_numref(res), AFFINE_HEIGHT) <= 0
        && fmpz_cmp_si(fmpq_numref(res), -AFFINE_HEIGHT) >= 0 : fmpz_cmp_si(fmpq_denref(res), AFFINE_HEIGHT) <= 0;
    fmpq_clear(low);
    fmpq_clear(high);
    fmpq_clear(width);
    arf_clear(middle);
    return simple;
}

/* The solution that is 1 in a free column and 0 in the others. */
static int
guess_solution(fmpq * v, const arb_mat_t system, const slong * pivot, slong free)
{
    int simple = 1;

    for (slong k = 0; k < arb_mat_ncols(system) && simple; k++)
    {
        fmpq_set_si(v + k, k == free, 1);
        if (pivot[k] >= 0)
        {
            simple = guess(v + k, arb_mat_entry(system, pivot[k], free));
            fmpq_neg(v + k, v + k);
        }
    }
    return simple;
}

/* The components of the field as expressions. */
static void
set_field(caustic_expr * image, const fmpq * v, const unknown_struct * unknown, slong length, const caustic_setting_struct * setting)
{
    caustic_pool * pool = setting->pool;

    for (slong b = 0; b < setting->parameters; b++)
        image[b] = caustic_integer(pool, 0);
    for (slong k = 0; k < length; k++)
    {
        caustic_expr term = caustic_number(pool, v + k);

        if (unknown[k].of >= 0)
            term = caustic_mul(pool, term, setting->parameter[unknown[k].of]);
        image[unknown[k].along] = caustic_add(pool, image[unknown[k].along], term);
    }
}

/* Proved: xi L = 0 identically. */
static int
annihilates(const caustic_expr * image, const caustic_expr * slope, gr_ctx_t ctx, const caustic_setting_struct * setting)
{
    caustic_expr sum = caustic_integer(setting->pool, 0);
    gr_ptr x;
    int proved;

    for (slong b = 0; b < setting->parameters; b++)
        sum = caustic_add(setting->pool, sum, caustic_mul(setting->pool, image[b], slope[b]));
    GR_TMP_INIT(x, ctx);
    proved = sum != CAUSTIC_NONE && caustic_field_set_expr(x, sum, ctx) == GR_SUCCESS && caustic_field_is_zero(x, NULL, ctx) == T_TRUE;
    GR_TMP_CLEAR(x, ctx);
    return proved;
}

/* A candidate: the coefficients of one solution. */
typedef struct
{
    fmpq * v;
    slong terms;     /* coefficients that are not 0 */
    int translation; /* all of them constant */
    slong order;
}
candidate_struct;

/* The simpler ones first. */
static int
compare_candidates(const void * a, const void * b)
{
    const candidate_struct * x = a, * y = b;

    if (x->terms != y->terms)
        return x->terms < y->terms ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static slong
list_candidates(candidate_struct * candidate, const arb_mat_t system, const slong * pivot, const unknown_struct * unknown)
{
    slong columns = arb_mat_ncols(system), length = 0;

    for (slong free = 0; free < columns; free++)
    {
        candidate_struct * c = candidate + length;

        if (pivot[free] >= 0)
            continue;
        *c = (candidate_struct) {_fmpq_vec_init(columns), 0, 1, length};
        if (!guess_solution(c->v, system, pivot, free))
        {
            _fmpq_vec_clear(c->v, columns);
            continue;
        }
        for (slong k = 0; k < columns; k++)
        {
            c->terms += !fmpq_is_zero(c->v + k);
            c->translation = c->translation && (fmpq_is_zero(c->v + k) || unknown[k].of < 0);
        }
        length++;
    }
    qsort(candidate, (size_t) length, sizeof(candidate_struct), compare_candidates);
    return length;
}

/* Whether a field has, at one rational point, a direction that those before do not have. It is then taken. */
static int
adds_direction(echelon_t directions, const caustic_expr * image, const caustic_setting_struct * setting)
{
    caustic_pool * pool = setting->pool;
    slong n = setting->parameters;
    caustic_expr * point = flint_malloc((size_t) n * sizeof(caustic_expr));
    fmpq * row = _fmpq_vec_init(n);
    int rational = 1, added;

    for (slong b = 0; b < n; b++)
    {
        fmpq_t x;

        fmpq_init(x);
        fmpq_set_si(x, (slong) n_nth_prime((ulong) b + 2), (slong) n_nth_prime((ulong) (n - b)));
        point[b] = caustic_number(pool, x);
        fmpq_clear(x);
    }
    for (slong b = 0; b < n && rational; b++)
    {
        caustic_expr value = caustic_substitute(pool, image[b], setting->parameter, point, n);

        rational = value != CAUSTIC_NONE && caustic_expr_op(pool, value) == CAUSTIC_OP_NUMBER;
        if (rational)
            fmpq_set(row + b, caustic_expr_fmpq(pool, value));
    }
    added = rational && echelon_add(directions, row);
    _fmpq_vec_clear(row, n);
    flint_free(point);
    return added;
}

static void
take(caustic_symmetries_t symmetries, caustic_symmetry_kind kind, const caustic_expr * image)
{
    caustic_expr * entry = add_symmetry(symmetries, kind);

    for (slong b = 0; b < symmetries->parameters; b++)
        entry[b] = image[b];
}

/* The candidates of one kind that add a direction and are proved. */
static void
take_candidates(caustic_symmetries_t symmetries, echelon_t directions, int translation, const candidate_struct * candidate, slong length,
    const unknown_struct * unknown, slong columns, const caustic_expr * slope, const caustic_setting_struct * setting)
{
    slong n = setting->parameters;
    caustic_expr * image = flint_malloc((size_t) n * sizeof(caustic_expr));
    gr_ctx_t ctx;

    caustic_field_ctx_init(ctx, setting->pool, setting->parameter, setting->parameter_domain, n);
    caustic_field_allow_kinks(ctx, 1);
    for (slong i = 0; i < length; i++)
    {
        slong rank = directions->rank;

        if (candidate[i].translation != translation)
            continue;
        set_field(image, candidate[i].v, unknown, columns, setting);
        if (!adds_direction(directions, image, setting))
            continue;
        if (annihilates(image, slope, ctx, setting))
            take(symmetries, translation ? CAUSTIC_SYMMETRY_TRANSLATION : CAUSTIC_SYMMETRY_LINEAR, image);
        else
            directions->rank = rank;
    }
    gr_ctx_clear(ctx);
    flint_free(image);
}

/* The affine fields that look like symmetries; 0 of them where the network is too large for the search. */
static slong
find_candidates(candidate_struct * candidate, unknown_struct * unknown, slong * columns, caustic_expr * slope,
    const caustic_setting_struct * setting, caustic_expr loss)
{
    slong n = setting->parameters, length = 0;
    slong pivot[AFFINE_PARAMETERS * (AFFINE_PARAMETERS + 1)];
    caustic_tape * slopes;
    arb_mat_t system;

    *columns = 0;
    if (n > AFFINE_PARAMETERS || caustic_expr_nodes(setting->pool, loss) > AFFINE_NODES)
        return 0;
    *columns = list_unknowns(unknown, setting);
    for (slong b = 0; b < n; b++)
        slope[b] = caustic_derivative(setting->pool, loss, setting->parameter[b]);
    slopes = caustic_tape_new(setting->pool, slope, n, setting->parameter, n);
    if (slopes == NULL)
        return 0;
    arb_mat_init(system, *columns + 8, *columns);
    if (*columns > 0 && fill_system(system, unknown, slopes, setting))
    {
        eliminate(system, pivot);
        length = list_candidates(candidate, system, pivot, unknown);
    }
    arb_mat_clear(system);
    caustic_tape_free(slopes);
    return length;
}

void
find_affine_fields(caustic_symmetries_t symmetries, const caustic_symmetries_t rescalings, const caustic_setting_t setting,
    caustic_expr loss)
{
    unknown_struct unknown[AFFINE_PARAMETERS * (AFFINE_PARAMETERS + 1)];
    candidate_struct candidate[AFFINE_PARAMETERS * (AFFINE_PARAMETERS + 1)];
    caustic_expr slope[AFFINE_PARAMETERS];
    slong columns, length = find_candidates(candidate, unknown, &columns, slope, setting, loss);
    echelon_t directions;

    echelon_init(directions, setting->parameters);
    take_candidates(symmetries, directions, 1, candidate, length, unknown, columns, slope, setting);
    for (slong i = 0; i < rescalings->length; i++)
        if (adds_direction(directions, rescalings->entries[i].image, setting))
            take(symmetries, CAUSTIC_SYMMETRY_RESCALING, rescalings->entries[i].image);
    take_candidates(symmetries, directions, 0, candidate, length, unknown, columns, slope, setting);
    echelon_clear(directions);
    for (slong i = 0; i < length; i++)
        _fmpq_vec_clear(candidate[i].v, columns);
}
