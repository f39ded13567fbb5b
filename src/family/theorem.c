/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Claims about T* for all values of the parameters: which route decides each.
*/

#include <string.h>
#include <flint/fmpq_vec.h>
#include "family/theorem.h"

#define SIGN_PRECISION 4096

/* What the routes share **********************************************************************/

int
sign_at(const family_work * work, caustic_expr e, const fmpq * point)
{
    caustic_tape * tape = e == CAUSTIC_NONE ? NULL : caustic_tape_new(work->pool, &e, 1, work->symbol, work->variables);
    arb_ptr x = _arb_vec_init(work->variables);
    arb_t value;
    int sign = 0;

    arb_init(value);
    for (slong prec = 64; tape != NULL && prec <= SIGN_PRECISION && sign == 0; prec *= 4)
    {
        for (slong i = 0; i < work->variables; i++)
            arb_set_fmpq(x + i, point + i, prec);
        caustic_tape_evaluate_arb(value, tape, x, prec);
        if (arb_is_finite(value) && !arb_contains_zero(value))
            sign = arb_is_positive(value) ? 1 : -1;
    }
    if (tape != NULL)
        caustic_tape_free(tape);
    _arb_vec_clear(x, work->variables);
    arb_clear(value);
    return sign;
}

void
print_values(caustic_text_t out, const family_work * work, const fmpq * value)
{
    for (slong k = 0; k < work->variables - 1; k++)
    {
        char * text = fmpq_get_str(NULL, 10, value + k);

        caustic_text_printf(out, "%s%s = %s", k > 0 ? ", " : "", caustic_expr_name(work->pool, work->symbol[1 + k]), text);
        flint_free(text);
    }
}

/* at(y) is continuous around all y, closed ends of their intervals included. */
static int
is_continuous(const family_work * work, caustic_expr at)
{
    caustic_text_t why;
    gr_ctx_t line;
    int smooth;

    caustic_text_init(why);
    caustic_field_ctx_init(line, work->pool, work->symbol + 1, work->problem->family->setting->coordinate_domain + 1, work->variables - 1);
    smooth = caustic_field_is_smooth(why, at, NULL, 0, 0, line) == T_TRUE;
    gr_ctx_clear(line);
    caustic_text_clear(why);
    return smooth;
}

/* e is identically 0 at z = at(y), which lies in the box for every y: in the field of functions of y, which knows nothing of poles of
   at, or of ends of the intervals. In a finite box at has limits there, and e vanishes at them; in others it may run to infinity. [FAMILY-5] */
int
vanishes_along(const family_work * work, caustic_expr e, caustic_expr at)
{
    const caustic_interval_struct * box = work->problem->box;
    caustic_expr along = caustic_substitute(work->pool, e, work->symbol, &at, 1), side[2];
    gr_ctx_t line;
    gr_ptr x;
    caustic_sign sign;
    int proved;

    if (along == CAUSTIC_NONE)
        return 0;
    caustic_field_ctx_init(line, work->pool, work->symbol + 1, work->range, work->variables - 1);
    x = gr_heap_init(line);
    proved = caustic_field_set_expr(x, along, line) == GR_SUCCESS && caustic_field_is_zero(x, NULL, line) == T_TRUE;
    side[0] = box->lower_infinite ? CAUSTIC_NONE : caustic_sub(work->pool, at, caustic_number(work->pool, box->lower));
    side[1] = box->upper_infinite ? CAUSTIC_NONE : caustic_sub(work->pool, caustic_number(work->pool, box->upper), at);
    proved = proved && (work->compact || is_continuous(work, at));
    for (int i = 0; i < 2 && proved; i++)
        if (side[i] != CAUSTIC_NONE)
        {
            proved = caustic_field_set_expr(x, side[i], line) == GR_SUCCESS;
            sign = proved ? caustic_field_sign(x, line) : CAUSTIC_SIGN_UNKNOWN;
            proved = sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NONNEGATIVE || sign == CAUSTIC_SIGN_ZERO;
        }
    gr_heap_clear(x, line);
    gr_ctx_clear(line);
    return proved;
}

/* The problem ********************************************************************************/

/* An open interval of the domain that holds the closed box. 0: there is none. */
static int
surround(caustic_interval_t open, const caustic_interval_t box, const caustic_interval_t domain)
{
    caustic_interval_set(open, box);
    open->lower_closed = open->upper_closed = 0;
    if (!box->lower_infinite && domain->lower_infinite)
        fmpq_sub_ui(open->lower, box->lower, 1);
    else if (!box->lower_infinite)
    {
        fmpq_add(open->lower, box->lower, domain->lower);
        fmpq_div_2exp(open->lower, open->lower, 1);
    }
    if (!box->upper_infinite && domain->upper_infinite)
        fmpq_add_ui(open->upper, box->upper, 1);
    else if (!box->upper_infinite)
    {
        fmpq_add(open->upper, box->upper, domain->upper);
        fmpq_div_2exp(open->upper, open->upper, 1);
    }
    return (box->lower_infinite || fmpq_cmp(open->lower, box->lower) < 0)
        && (box->upper_infinite || fmpq_cmp(box->upper, open->upper) < 0)
        && (!box->lower_infinite || domain->lower_infinite) && (!box->upper_infinite || domain->upper_infinite);
}

static int
is_smooth(caustic_text_t why, const family_work * work, caustic_expr e)
{
    return e == CAUSTIC_NONE || caustic_field_is_smooth(why, e, NULL, 0, 0, (gr_ctx_struct *) work->field) == T_TRUE;
}

static int
is_positive(const family_work * work, caustic_expr e)
{
    gr_ctx_struct * field = (gr_ctx_struct *) work->field;
    gr_ptr x = gr_heap_init(field);
    int positive = caustic_field_set_expr(x, e, field) == GR_SUCCESS && caustic_field_sign(x, field) == CAUSTIC_SIGN_POSITIVE;

    gr_heap_clear(x, field);
    return positive;
}

/* h as the field writes it, where that is defined wherever the written one is; else as written. */
static caustic_expr
write_curvature(family_work * work)
{
    const caustic_family_struct * family = work->problem->family;
    caustic_pool * pool = work->pool;
    caustic_expr z = work->symbol[0], slope = caustic_derivative(pool, family->loss, z), twice, h, simple = CAUSTIC_NONE;
    gr_ptr x = gr_heap_init(work->field);
    caustic_text_t why;

    twice = caustic_mul(pool, caustic_derivative(pool, family->cometric, z), slope);
    h = caustic_add(pool, caustic_mul(pool, family->cometric, caustic_derivative(pool, slope, z)), caustic_div(pool, twice, caustic_integer(pool, 2)));
    caustic_text_init(why);
    if (caustic_field_set_expr(x, h, work->field) == GR_SUCCESS)
        simple = caustic_field_get_expr(x, work->field);
    if (simple != CAUSTIC_NONE && is_smooth(why, work, simple))
        h = simple;
    caustic_text_clear(why);
    gr_heap_clear(x, work->field);
    return h;
}

/* g and l are analytic, and g is positive, on an open box around box and parameters. [FAMILY-3] */
static int
open_field(family_work * work, caustic_text_t why)
{
    const caustic_theorem_problem * problem = work->problem;
    const caustic_family_struct * family = problem->family;
    const caustic_interval_struct * widened = family->setting->coordinate_domain + 1;
    caustic_interval_struct side[1 + CAUSTIC_FAMILY_PARAMETERS];
    int good;

    for (slong i = 0; i < work->variables; i++)
    {
        caustic_interval_init(side + i);
        if (i > 0)
            caustic_interval_set(side + i, widened + i - 1);
    }
    good = surround(side, problem->box, family->range);
    if (good)
    {
        caustic_field_ctx_init(work->field, work->pool, work->symbol, side, work->variables);
        work->field_open = 1;
        good = is_smooth(why, work, family->cometric) && is_smooth(why, work, family->loss) && is_smooth(why, work, problem->time)
            && is_smooth(why, work, problem->at);
        if (good && !is_positive(work, family->cometric))
        {
            caustic_text_append(why, "the cometric was not proved positive on the whole box");
            good = 0;
        }
    }
    else
        caustic_text_append(why, "the box of shock must lie inside the open domain of the coordinate");
    for (slong i = 0; i < work->variables; i++)
        caustic_interval_clear(side + i);
    return good;
}

int
family_work_init(family_work * work, const caustic_theorem_problem * problem, caustic_text_t why)
{
    memset(work, 0, sizeof(family_work));
    work->problem = problem;
    work->pool = problem->family->pool;
    work->variables = 1 + problem->family->parameters;
    work->symbol = problem->family->symbol;
    work->range = problem->family->range + 1;
    work->compact = !problem->box->lower_infinite && !problem->box->upper_infinite;
    if (!open_field(work, why))
        return 0;
    work->h = write_curvature(work);
    work->h_z = caustic_derivative(work->pool, work->h, work->symbol[0]);
    return 1;
}

void
family_work_clear(family_work * work)
{
    if (work->field_open)
        gr_ctx_clear(work->field);
}

/* Claims *************************************************************************************/

static void
add_check(caustic_theorem_t theorem, const char * name, claim_struct * claim)
{
    caustic_checks_add(theorem->checks, name, claim->verdict, "%s", claim->text->data);
    claim->verdict = CAUSTIC_UNDECIDED;
    caustic_text_reset(claim->text);
}

/* T* = -1/h at the claimed place, where no formula for the time is given. */
static caustic_expr
claimed_time(const family_work * work)
{
    const caustic_theorem_problem * problem = work->problem;
    caustic_expr h;

    if (problem->time != CAUSTIC_NONE)
        return problem->time;
    h = caustic_substitute(work->pool, work->h, work->symbol, &problem->at, 1);
    return h == CAUSTIC_NONE ? CAUSTIC_NONE : caustic_div(work->pool, caustic_integer(work->pool, -1), h);
}

void
inner_point(fmpq * value, const family_work * work, slong i)
{
    fmpq_t width;

    fmpq_init(width);
    for (slong k = 0; k < work->variables - 1; k++)
    {
        fmpq_set_si(value + k, 1 + (i * (2 * k + 1)) % 7, 8);
        fmpq_sub(width, work->range[k].upper, work->range[k].lower);
        fmpq_mul(value + k, value + k, width);
        fmpq_add(value + k, value + k, work->range[k].lower);
    }
    fmpq_clear(width);
}

/* The claimed place has another time, or is not in the box, for some values. */
static int
refute_place(claim_struct * claim, const family_work * work, caustic_expr e)
{
    const caustic_theorem_problem * problem = work->problem;
    const caustic_interval_struct * box = problem->box;
    caustic_expr wrong[3] = {e, CAUSTIC_NONE, CAUSTIC_NONE};
    fmpq * value = _fmpq_vec_init(1 + CAUSTIC_FAMILY_PARAMETERS);
    int found = 0;

    wrong[0] = caustic_substitute(work->pool, e, work->symbol, &problem->at, 1);
    if (!box->lower_infinite)
        wrong[1] = caustic_sub(work->pool, problem->at, caustic_number(work->pool, box->lower));
    if (!box->upper_infinite)
        wrong[2] = caustic_sub(work->pool, caustic_number(work->pool, box->upper), problem->at);
    for (slong i = 0; i < 7 && !found; i++)
    {
        inner_point(value + 1, work, i);
        for (slong j = 0; j < 3 && !found; j++)
        {
            int sign = wrong[j] == CAUSTIC_NONE ? 0 : sign_at(work, wrong[j], value);

            found = j == 0 ? sign != 0 : sign < 0;
            if (found)
            {
                claim->verdict = CAUSTIC_REFUTED;
                caustic_text_reset(claim->text);
                caustic_text_append(claim->text, "at ");
                print_values(claim->text, work, value + 1);
                caustic_text_append(claim->text, j == 0 ? ": the characteristic from there does not focus at that time" : ": outside the box");
            }
        }
    }
    _fmpq_vec_clear(value, 1 + CAUSTIC_FAMILY_PARAMETERS);
    return found;
}

/* A place from which the characteristic focuses at the time, of which `verdict` was found. */
static void
decide_place(claim_struct * claim, const family_work * work, caustic_expr time, caustic_verdict verdict)
{
    caustic_expr e = time == CAUSTIC_NONE ? CAUSTIC_NONE
        : caustic_add(work->pool, caustic_mul(work->pool, time, work->h), caustic_integer(work->pool, 1));

    caustic_text_reset(claim->text);
    claim->verdict = CAUSTIC_UNDECIDED;
    if (e != CAUSTIC_NONE && vanishes_along(work, e, work->problem->at))
    {
        claim->verdict = verdict;
        caustic_text_append(claim->text, verdict == CAUSTIC_PROVED ? "the characteristic from there focuses at T*, by algebra"
            : verdict == CAUSTIC_REFUTED ? "another characteristic focuses before the one from there, or it does not focus" : "not decided whether another focuses earlier");
    }
    else if (e == CAUSTIC_NONE || verdict != CAUSTIC_PROVED || !refute_place(claim, work, e))
        caustic_text_append(claim->text, "not decided whether the characteristic from there focuses at T*, for all values");
}

/* time h + 1 = 0 at every place, and time > 0: h does not depend on the place. */
static int
is_time_everywhere(const family_work * work, caustic_expr time)
{
    gr_ctx_struct * field = (gr_ctx_struct *) work->field;
    caustic_expr e = caustic_add(work->pool, caustic_mul(work->pool, time, work->h), caustic_integer(work->pool, 1));
    gr_ptr x = gr_heap_init(field);
    int everywhere = caustic_field_set_expr(x, e, field) == GR_SUCCESS && caustic_field_is_zero(x, NULL, field) == T_TRUE
        && is_positive(work, time);

    gr_heap_clear(x, field);
    return everywhere;
}

static void
time_from_place(claim_struct * claim, const family_work * work, caustic_expr time, caustic_expr at)
{
    exact_time(claim, work, time, at);
    if (claim->verdict == CAUSTIC_UNDECIDED)
        boxes_time(claim, work, time, at);
}

/* From places of our own, at which time*h + 1 is 0. */
static void
time_from_found_place(claim_struct * claim, const family_work * work, caustic_expr time)
{
    caustic_expr e = caustic_add(work->pool, caustic_mul(work->pool, time, work->h), caustic_integer(work->pool, 1)), place[EXACT_PLACES + 1];
    slong length = exact_places(place, work);

    place[length] = values_place(work);
    length += place[length] != CAUSTIC_NONE;
    for (slong i = 0; i < length && e != CAUSTIC_NONE && claim->verdict == CAUSTIC_UNDECIDED; i++)
        if (vanishes_along(work, e, place[i]))
        {
            caustic_text_reset(claim->text);
            time_from_place(claim, work, time, place[i]);
        }
}

static void
prove_time(claim_struct * claim, const family_work * work, caustic_expr time)
{
    const caustic_theorem_problem * problem = work->problem;

    if (is_time_everywhere(work, time))
    {
        claim->verdict = CAUSTIC_PROVED;
        caustic_text_append(claim->text, "an identity: h = -1/T* at every place, by algebra");
        return;
    }
    vertex_time(claim, work, time);
    if (claim->verdict == CAUSTIC_UNDECIDED)
        time_from_place(claim, work, time, problem->at);
    if (claim->verdict == CAUSTIC_UNDECIDED)
        time_from_found_place(claim, work, time);
    if (claim->verdict == CAUSTIC_UNDECIDED)
        values_time(claim, work, time);
    /* -1/h at the claimed place has poles where h is 0 there, and nothing focuses */
    if (claim->verdict == CAUSTIC_PROVED && problem->time == CAUSTIC_NONE && !is_positive(work, time))
    {
        claim->verdict = CAUSTIC_UNDECIDED;
        caustic_text_reset(claim->text);
        caustic_text_append(claim->text, "h at the claimed place was not proved negative for all values");
    }
}

static void
decide_time(caustic_theorem_t theorem, claim_struct * claim, const family_work * work)
{
    const caustic_theorem_problem * problem = work->problem;
    caustic_expr time = claimed_time(work);
    caustic_verdict place;

    if (time == CAUSTIC_NONE)
        caustic_text_append(claim->text, "h has no value at the claimed place");
    else
        prove_time(claim, work, time);
    place = claim->verdict;
    if (problem->time != CAUSTIC_NONE)
        add_check(theorem, "shock_time", claim);
    if (problem->at == CAUSTIC_NONE)
        return;
    /* the time is that of the place: a wrong one is no shock's */
    decide_place(claim, work, time, place);
    add_check(theorem, "shock_at", claim);
}

/* What does not change is neither increasing nor decreasing, if it is finite. */
static void
refute_by_constancy(claim_struct * claim, const family_work * work, slong parameter)
{
    claim_struct constant = {CAUSTIC_UNDECIDED, {{NULL, 0, 0}}};

    caustic_text_init(constant.text);
    boxes_constant(&constant, work, parameter);
    if (constant.verdict == CAUSTIC_PROVED && values_shock(work))
    {
        claim->verdict = CAUSTIC_REFUTED;
        caustic_text_reset(claim->text);
        caustic_text_printf(claim->text, "T* does not change with %s: %s", caustic_expr_name(work->pool, work->symbol[1 + parameter]), constant.text->data);
    }
    caustic_text_clear(constant.text);
}

static void
prove_monotone(claim_struct * claim, const family_work * work, slong parameter, int direction)
{
    if (direction == CAUSTIC_THEOREM_CONSTANT)
        boxes_constant(claim, work, parameter);
    else
    {
        vertex_monotone(claim, work, parameter, direction);
        if (claim->verdict == CAUSTIC_UNDECIDED)
            exact_monotone(claim, work, direction);
        if (claim->verdict == CAUSTIC_UNDECIDED)
            boxes_monotone(claim, work, parameter, direction);
    }
    if (claim->verdict == CAUSTIC_UNDECIDED)
        values_monotone(claim, work, parameter, direction);
    if (claim->verdict == CAUSTIC_UNDECIDED && direction != CAUSTIC_THEOREM_CONSTANT)
        refute_by_constancy(claim, work, parameter);
}

static void
decide_monotone(caustic_theorem_t theorem, claim_struct * claim, const family_work * work)
{
    for (slong k = 0; k < work->variables - 1; k++)
        if (work->problem->monotone[k] != 0)
        {
            prove_monotone(claim, work, k, work->problem->monotone[k]);
            add_check(theorem, "monotone", claim);
        }
}

/* The expression of the threshold is analytic for all values. */
static int
claim_is_smooth(const family_work * work)
{
    caustic_text_t why;
    int smooth;

    caustic_text_init(why);
    smooth = is_smooth(why, work, work->problem->no_shock_iff);
    caustic_text_clear(why);
    return smooth;
}

static void
decide_threshold(claim_struct * claim, const family_work * work)
{
    caustic_expr at = work->problem->at;

    exact_threshold(claim, work);
    if (claim->verdict != CAUSTIC_UNDECIDED || !claim_is_smooth(work))
        return;
    vertex_threshold(claim, work);
    if (claim->verdict == CAUSTIC_UNDECIDED && (at != CAUSTIC_NONE || (at = values_place(work)) != CAUSTIC_NONE))
        boxes_threshold(claim, work, at);
    if (claim->verdict == CAUSTIC_UNDECIDED)
        values_threshold(claim, work);
}

static void
decide_all(caustic_theorem_t theorem, claim_struct * claim, family_work * work)
{
    const caustic_theorem_problem * problem = work->problem;

    if (problem->time != CAUSTIC_NONE || problem->at != CAUSTIC_NONE)
        decide_time(theorem, claim, work);
    if (problem->none)
    {
        exact_none(claim, work);
        if (claim->verdict == CAUSTIC_UNDECIDED)
            boxes_none(claim, work);
        if (claim->verdict == CAUSTIC_UNDECIDED)
            values_none(claim, work);
        add_check(theorem, "no_shock", claim);
    }
    if (problem->no_shock_iff != CAUSTIC_NONE)
    {
        decide_threshold(claim, work);
        add_check(theorem, "no_shock_iff", claim);
    }
    decide_monotone(theorem, claim, work);
}

void
caustic_theorem_init(caustic_theorem_t theorem, const caustic_theorem_problem * problem)
{
    family_work work;
    claim_struct claim;

    memset(theorem, 0, sizeof(caustic_theorem_struct));
    caustic_checks_init(theorem->checks);
    claim.verdict = CAUSTIC_UNDECIDED;
    caustic_text_init(claim.text);
    if (!family_work_init(&work, problem, claim.text))
        add_check(theorem, "regularity", &claim);
    else
    {
        decide_all(theorem, &claim, &work);
        boxes_cover(theorem, &work);
    }
    family_work_clear(&work);
    caustic_text_clear(claim.text);
}

void
caustic_theorem_clear(caustic_theorem_t theorem)
{
    caustic_checks_clear(theorem->checks);
    for (slong i = 0; i < theorem->pieces; i++)
    {
        arb_clear(theorem->piece[i].lower);
        arb_clear(theorem->piece[i].upper);
        for (slong k = 0; k < CAUSTIC_FAMILY_PARAMETERS; k++)
            caustic_interval_clear(theorem->piece[i].range + k);
    }
    flint_free(theorem->piece);
}
