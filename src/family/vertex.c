/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Any number of parameters, where h is a parabola in z, for thresholds g h: its vertex decides. [FAMILY-7]
*/

#include <flint/fmpq_vec.h>
#include "family/theorem.h"

typedef struct
{
    gr_ptr top;    /* N_zz */
    gr_ptr vertex;
    gr_ptr least;  /* N at the vertex: of the parameters alone */
    gr_ptr slope;
    gr_ptr t;
}
parabola_struct;

static caustic_sign
sign_of_difference(gr_srcptr a, const fmpq_t b, int reversed, gr_ctx_t field)
{
    gr_ptr d = gr_heap_init(field), c = gr_heap_init(field);
    caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;
    int status = gr_set_fmpq(c, b, field);

    status |= reversed ? gr_sub(d, c, a, field) : gr_sub(d, a, c, field);
    if (status == GR_SUCCESS)
        sign = caustic_field_sign(d, field);
    gr_heap_clear(d, field);
    gr_heap_clear(c, field);
    return sign;
}

static int
is_nonnegative(caustic_sign sign)
{
    return sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NONNEGATIVE || sign == CAUSTIC_SIGN_ZERO;
}

/* N = top (z - vertex)^2/2 + least with top > 0 and the vertex in the box, for all parameters. */
static int
parabola_set(parabola_struct * parabola, const family_work * work, gr_srcptr n)
{
    gr_ctx_struct * field = (gr_ctx_struct *) work->field;
    const caustic_interval_struct * box = work->problem->box;
    int good = caustic_field_derivative(parabola->slope, n, 0, field) == GR_SUCCESS
        && caustic_field_derivative(parabola->top, parabola->slope, 0, field) == GR_SUCCESS
        && caustic_field_derivative(parabola->t, parabola->top, 0, field) == GR_SUCCESS
        && caustic_field_is_zero(parabola->t, NULL, field) == T_TRUE
        && caustic_field_sign(parabola->top, field) == CAUSTIC_SIGN_POSITIVE;

    /* vertex = z - N_z/N_zz, least = N - N_z^2/(2 N_zz) */
    good = good && caustic_field_set_expr(parabola->t, work->symbol[0], field) == GR_SUCCESS
        && gr_div(parabola->vertex, parabola->slope, parabola->top, field) == GR_SUCCESS
        && gr_mul(parabola->least, parabola->vertex, parabola->slope, field) == GR_SUCCESS
        && gr_sub(parabola->vertex, parabola->t, parabola->vertex, field) == GR_SUCCESS
        && gr_div_ui(parabola->least, parabola->least, 2, field) == GR_SUCCESS
        && gr_sub(parabola->least, n, parabola->least, field) == GR_SUCCESS;
    good = good && (box->lower_infinite || is_nonnegative(sign_of_difference(parabola->vertex, box->lower, 0, field)));
    return good && (box->upper_infinite || is_nonnegative(sign_of_difference(parabola->vertex, box->upper, 1, field)));
}

/* h itself, or g h: of a cometric that is a root the root is gone then. */
static int
find_parabola(parabola_struct * parabola, const family_work * work)
{
    gr_ctx_struct * field = (gr_ctx_struct *) work->field;
    gr_ptr n = gr_heap_init(field), g = gr_heap_init(field);
    int found = caustic_field_set_expr(n, work->h, field) == GR_SUCCESS && parabola_set(parabola, work, n);

    found = found || (caustic_field_set_expr(g, work->problem->family->cometric, field) == GR_SUCCESS
        && caustic_field_set_expr(n, work->h, field) == GR_SUCCESS && gr_mul(n, n, g, field) == GR_SUCCESS && parabola_set(parabola, work, n));
    gr_heap_clear(n, field);
    gr_heap_clear(g, field);
    return found;
}

/* Signs of the least value and of the claimed expression; 0 where not known. */
static int
signs_differ(claim_struct * claim, const family_work * work, caustic_expr least, const fmpq * point, int * sign)
{
    int claimed = sign_at(work, work->problem->no_shock_iff, point);

    *sign = sign_at(work, least, point);
    if (*sign * claimed >= 0)
        return 0;
    claim->verdict = CAUSTIC_REFUTED;
    caustic_text_reset(claim->text);
    caustic_text_append(claim->text, "at ");
    print_values(claim->text, work, point + 1);
    caustic_text_append(claim->text, *sign > 0 ? ": there is no shock, although the claim says there is one"
        : ": there is a shock, although the claim says there is none");
    return 1;
}

#define BISECTIONS 200

/* Between a point with a shock and one without: where the threshold is, claim and truth differ if anywhere near. */
static int
search_between(claim_struct * claim, const family_work * work, caustic_expr least, fmpq * with, fmpq * without)
{
    fmpq * middle = _fmpq_vec_init(work->variables);
    int differ = 0, sign = 1;

    for (slong i = 0; i < BISECTIONS && !differ && sign != 0; i++)
    {
        for (slong k = 0; k < work->variables; k++)
        {
            fmpq_add(middle + k, with + k, without + k);
            fmpq_div_2exp(middle + k, middle + k, 1);
        }
        differ = signs_differ(claim, work, least, middle, &sign);
        for (slong k = 0; k < work->variables; k++)
            fmpq_set((sign < 0 ? with : without) + k, middle + k);
    }
    _fmpq_vec_clear(middle, work->variables);
    return differ;
}

#define POINTS 7

static int
refute(claim_struct * claim, const family_work * work, caustic_expr least)
{
    fmpq * point = _fmpq_vec_init(work->variables), * with = _fmpq_vec_init(work->variables), * without = _fmpq_vec_init(work->variables);
    int differ = 0, found = 0, sign;

    for (slong i = 0; i < POINTS && !differ; i++)
    {
        inner_point(point + 1, work, i);
        differ = signs_differ(claim, work, least, point, &sign);
        found |= sign < 0 ? 1 : sign > 0 ? 2 : 0;
        for (slong k = 0; k < work->variables && sign != 0; k++)
            fmpq_set((sign < 0 ? with : without) + k, point + k);
    }
    differ = differ || (found == 3 && search_between(claim, work, least, with, without));
    _fmpq_vec_clear(point, work->variables);
    _fmpq_vec_clear(with, work->variables);
    _fmpq_vec_clear(without, work->variables);
    return differ;
}

/* least = (positive function) * (claimed expression) */
static int
is_positive_multiple(const parabola_struct * parabola, const family_work * work)
{
    gr_ctx_struct * field = (gr_ctx_struct *) work->field;

    return caustic_field_set_expr(parabola->t, work->problem->no_shock_iff, field) == GR_SUCCESS
        && gr_div(parabola->t, parabola->least, parabola->t, field) == GR_SUCCESS
        && caustic_field_sign(parabola->t, field) == CAUSTIC_SIGN_POSITIVE;
}

static void
parabola_init(parabola_struct * parabola, gr_ctx_t field)
{
    parabola->top = gr_heap_init(field);
    parabola->vertex = gr_heap_init(field);
    parabola->least = gr_heap_init(field);
    parabola->slope = gr_heap_init(field);
    parabola->t = gr_heap_init(field);
}

static void
parabola_clear(parabola_struct * parabola, gr_ctx_t field)
{
    gr_heap_clear(parabola->top, field);
    gr_heap_clear(parabola->vertex, field);
    gr_heap_clear(parabola->least, field);
    gr_heap_clear(parabola->slope, field);
    gr_heap_clear(parabola->t, field);
}

void
vertex_threshold(claim_struct * claim, const family_work * work)
{
    gr_ctx_struct * field = (gr_ctx_struct *) work->field;
    parabola_struct parabola;

    parabola_init(&parabola, field);
    if (find_parabola(&parabola, work))
    {
        if (!work->problem->strict && is_positive_multiple(&parabola, work))
        {
            claim->verdict = CAUSTIC_PROVED;
            caustic_text_reset(claim->text);
            caustic_text_append(claim->text, "by algebra for all values: h has the sign of a parabola in the coordinate, whose vertex lies in the box and whose"
                " least value is a positive multiple of the claimed expression");
        }
        else
            refute(claim, work, caustic_field_get_expr(parabola.least, field));
    }
    parabola_clear(&parabola, field);
}

/* Closed forms *******************************************************************************/

/* h = top (z - vertex)^2/2 + least, with the vertex in the box: T* = -1/least. */
static int
curvature_is_parabola(parabola_struct * parabola, const family_work * work)
{
    gr_ctx_struct * field = (gr_ctx_struct *) work->field;
    gr_ptr n = gr_heap_init(field);
    int good = caustic_field_set_expr(n, work->h, field) == GR_SUCCESS && parabola_set(parabola, work, n);

    gr_heap_clear(n, field);
    return good;
}

/* A value at which time * least + 1 is not 0. */
static void
refute_time(claim_struct * claim, const family_work * work, caustic_expr e)
{
    fmpq * point = _fmpq_vec_init(work->variables);

    for (slong i = 0; i < POINTS && claim->verdict == CAUSTIC_UNDECIDED; i++)
    {
        inner_point(point + 1, work, i);
        if (sign_at(work, e, point) == 0)
            continue;
        claim->verdict = CAUSTIC_REFUTED;
        caustic_text_reset(claim->text);
        caustic_text_append(claim->text, "at ");
        print_values(claim->text, work, point + 1);
        caustic_text_append(claim->text, ": h is a parabola in the coordinate, and -1/h at its vertex is another number");
    }
    _fmpq_vec_clear(point, work->variables);
}

void
vertex_time(claim_struct * claim, const family_work * work, caustic_expr time)
{
    gr_ctx_struct * field = (gr_ctx_struct *) work->field;
    parabola_struct parabola;

    parabola_init(&parabola, field);
    if (curvature_is_parabola(&parabola, work) && caustic_field_sign(parabola.least, field) == CAUSTIC_SIGN_NEGATIVE
        && caustic_field_set_expr(parabola.t, time, field) == GR_SUCCESS && gr_mul(parabola.t, parabola.t, parabola.least, field) == GR_SUCCESS
        && gr_add_ui(parabola.t, parabola.t, 1, field) == GR_SUCCESS)
    {
        if (caustic_field_is_zero(parabola.t, NULL, field) == T_TRUE)
        {
            claim->verdict = CAUSTIC_PROVED;
            caustic_text_reset(claim->text);
            caustic_text_append(claim->text, "an identity, by algebra for all values: h is a parabola in the coordinate, whose vertex lies in the box, and T* = -1/h there");
        }
        else
            refute_time(claim, work, caustic_field_get_expr(parabola.t, field));
    }
    parabola_clear(&parabola, field);
}

void
vertex_monotone(claim_struct * claim, const family_work * work, slong parameter, int direction)
{
    gr_ctx_struct * field = (gr_ctx_struct *) work->field;
    parabola_struct parabola;

    parabola_init(&parabola, field);
    if (curvature_is_parabola(&parabola, work) && caustic_field_derivative(parabola.t, parabola.least, 1 + parameter, field) == GR_SUCCESS
        && caustic_field_sign(parabola.t, field) == (direction > 0 ? CAUSTIC_SIGN_POSITIVE : CAUSTIC_SIGN_NEGATIVE))
    {
        claim->verdict = CAUSTIC_PROVED;
        caustic_text_reset(claim->text);
        caustic_text_append(claim->text, "by algebra for all values: h is a parabola in the coordinate, whose vertex lies in the box, and the derivative of its least value has the claimed sign");
    }
    parabola_clear(&parabola, field);
}
