/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    ray: the first focal time of one characteristic, on the quotient and in parameter space.
*/

#include <caustic/geometry.h>
#include "focal/focal_internal.h"

void caustic_ray_init(caustic_ray_t ray)
{
    slong i;
    static const char * const names[2] = {"curvature", "characteristics"};
    ray->verdict = CAUSTIC_UNDECIDED;
    ray->shock = 0;
    ray->multiplicity = 0;
    arb_init(ray->time);
    arb_zero_pm_inf(ray->time);
    for (i = 0; i < 2; i++)
    {
        ray->route[i].name = names[i];
        ray->route[i].status = CAUSTIC_NO_RESOURCES;
        ray->route[i].detail = NULL;
        caustic_focal_init(ray->route[i].focal);
    }
    ray->detail = NULL;
}

void caustic_ray_clear(caustic_ray_t ray)
{
    slong i;
    arb_clear(ray->time);
    for (i = 0; i < 2; i++)
    {
        caustic_focal_clear(ray->route[i].focal);
        flint_free(ray->route[i].detail);
    }
    flint_free(ray->detail);
}

/* The curvature on the quotient **************************************************************/

/* Above this many coordinates the curvature tensor's derivative is not asked for: d^5/4 functions. */
#define MOST_COORDINATES 8

/* The curvature of the quotient: whether it is parallel, and its sign: -1 where no sectional curvature is positive, by one point if it is parallel [FOCAL-16],
   at all points if it is not [FOCAL-18]. */
static truth_t curvature(int * sign, const caustic_reduction_t reduction, const fmpq * from, gr_ctx_t ctx)
{
    slong d = reduction->setting->coordinates;
    truth_t parallel = T_UNKNOWN;
    gr_mat_t riemann;

    *sign = 1;
    if (d > MOST_COORDINATES)
    {
        return T_UNKNOWN;
    }
    gr_mat_init(riemann, d * d, d * d, ctx);
    parallel = caustic_geometry_curvature_tensor(riemann, reduction->cometric, reduction->drift, ctx);
    if ((parallel == T_TRUE && caustic_field_symbols(ctx) == d && caustic_geometry_is_nonpositive(riemann, from, ctx) == T_TRUE)
        || (parallel == T_FALSE && caustic_geometry_is_nowhere_positive(riemann, ctx)))
    {
        *sign = -1;
    }
    gr_mat_clear(riemann, ctx);
    return parallel;
}

/* Whether the covariant Hessian is nowhere negative at the foot, exactly. The field knows nothing of kinks: that there is none is for balls to say. */
static int is_convex_at(const caustic_reduction_t reduction, const caustic_focal_problem * problem, const fmpq * from, arb_srcptr foot, gr_ctx_t ctx)
{
    slong d = problem->dimension, i;
    caustic_expr * raised = flint_malloc((size_t) (d * d) * sizeof(caustic_expr));
    int status = GR_SUCCESS, convex;
    gr_mat_t form;

    caustic_geometry_raised_hessian(raised, problem->pool, problem->coordinate, d, reduction->cometric_expr, reduction->loss);
    gr_mat_init(form, d, d, ctx);
    for (i = 0; i < d * d && status == GR_SUCCESS; i++)
    {
        status = raised[i] == CAUSTIC_NONE ? GR_UNABLE : caustic_field_set_expr(gr_mat_entry_ptr(form, i / d, i % d, ctx), raised[i], ctx);
    }
    convex = status == GR_SUCCESS && caustic_field_symbols(ctx) == d && caustic_field_is_semidefinite_at(form, from, ctx) == T_TRUE
        && focal_is_regular_at(problem, foot, FOCAL_ROUGH);
    gr_mat_clear(form, ctx);
    flint_free(raised);
    return convex;
}

/* Routes *************************************************************************************/

/* Steps that a search without a limit of time may take; where it is proved that it will find nothing, it only confirms that. */
#define SEARCH_STEPS 400
#define CONFIRMING_STEPS 25

/* The integrator takes a minute for 1000 digits, and agreement to this many is as convincing. */
#define SECOND_ROUTE_DIGITS 50

/* Bits beyond which the second route is not worth its time: four times what the digits take. */
#define SECOND_ROUTE_PRECISION(digits) (256 + 14 * (digits))

static void note(caustic_ray_route * route, const char * how, const caustic_error_t error)
{
    flint_free(route->detail);
    route->detail = caustic_string_copy(route->status == CAUSTIC_OK ? how : error->message);
}

/* How the quotient was followed. */
typedef enum { BY_FORMULA, IN_CHART, BEYOND_STRATUM } first_way;

/* In the chart; where the stratum of a preset ends, on by the formulas of cometric and loss as long as the cometric is positive: whether
   the quotient goes on there is for the second route to say [FOCAL-4]. */
static first_way follow_in_chart(caustic_ray_route * route, caustic_focal_problem * problem, int stratum_of_charts, arb_srcptr foot,
    const caustic_focal_options * options, caustic_error_t error)
{
    route->status = caustic_focal_integrate(route->focal, problem, foot, options, error);
    if (route->status != CAUSTIC_UNSUPPORTED || problem->strata == 0 || !stratum_of_charts)
    {
        return IN_CHART;
    }
    problem->strata = 0;
    caustic_error_clear(error);
    caustic_error_init(error);
    route->status = caustic_focal_integrate(route->focal, problem, foot, options, error);
    return BEYOND_STRATUM;
}

/* Whether no expression of the stratum vanishes at the foot. */
static int is_on_stratum(const caustic_focal_problem * problem, arb_srcptr foot, slong prec)
{
    slong i;
    int on = 1;
    caustic_tape * tape = caustic_tape_new(problem->pool, problem->stratum, problem->strata, problem->coordinate, problem->dimension);
    arb_ptr value = _arb_vec_init(problem->strata);
    if (tape != NULL)
    {
        caustic_tape_evaluate_arb(value, tape, foot, prec);
        caustic_tape_free(tape);
    }
    for (i = 0; i < problem->strata && on; i++)
    {
        on = arb_is_finite(value + i) && arb_is_nonzero(value + i);
    }
    _arb_vec_clear(value, problem->strata);
    return on;
}

/* On the quotient. */
static first_way first_route(caustic_ray_route * route, const caustic_reduction_t reduction, const fmpq * from, arb_srcptr foot,
    slong digits, slong precision_limit)
{
    static const char * const how[] = {"closed formula: the curvature tensor is parallel",
        "geodesic and Jacobi fields of the cometric, integrated in the chart",
        "geodesic and Jacobi fields of the cometric, integrated in the chart and on where the stratum ends"};
    gr_ctx_struct * ctx = (gr_ctx_struct *) reduction->downstairs;
    caustic_focal_options options = {NULL, SEARCH_STEPS, digits, precision_limit};
    caustic_focal_problem problem;
    caustic_error_t error;
    first_way way = IN_CHART;
    truth_t parallel;
    int sign = 1;

    caustic_error_init(error);
    route->status = caustic_focal_downstairs(&problem, reduction->setting, reduction->cometric_expr, reduction->loss, error);
    if (route->status == CAUSTIC_OK && problem.strata > 0 && !is_on_stratum(&problem, foot, precision_limit))
    {
        route->status = caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0, "an expression of the stratum is not certainly different from 0 at the foot"
            " of the characteristic: take another point");
    }
    parallel = route->status == CAUSTIC_OK ? curvature(&sign, reduction, from, ctx) : T_UNKNOWN;
    if (route->status == CAUSTIC_OK && sign < 0 && is_convex_at(reduction, &problem, from, foot, ctx))
    {
        route->status = focal_never(route->focal, error);
    }
    else if (route->status == CAUSTIC_OK && parallel == T_TRUE)
    {
        way = BY_FORMULA;
        route->status = caustic_focal_symmetric(route->focal, &problem, sign, foot, &options, error);
    }
    else if (route->status == CAUSTIC_OK)
    {
        way = follow_in_chart(route, &problem, reduction->setting->stratum_of_charts, foot, &options, error);
    }
    note(route, how[way], error);
    caustic_focal_problem_clear(&problem);
    caustic_error_clear(error);
    return way;
}

/* In parameter space, up to twice the time that the first route found. */
static void second_route(caustic_ray_route * route, const caustic_reduction_t reduction, arb_srcptr start,
    const caustic_focal_t first, slong digits, slong precision_limit)
{
    caustic_focal_options options = {NULL, first->never ? CONFIRMING_STEPS : SEARCH_STEPS, FLINT_MIN(digits, SECOND_ROUTE_DIGITS), 0};
    caustic_focal_problem problem;
    caustic_error_t error;
    arb_t limit;

    caustic_error_init(error);
    arb_init(limit);
    options.precision_limit = FLINT_MIN(precision_limit, SECOND_ROUTE_PRECISION(options.digits));
    if (first->found)
    {
        arb_mul_2exp_si(limit, first->time, 1);
        options.time_limit = limit;
    }
    route->status = caustic_focal_upstairs(&problem, reduction->setting, reduction->setting->loss, error);
    if (route->status == CAUSTIC_OK)
    {
        route->status = caustic_focal_integrate(route->focal, &problem, start, &options, error);
    }
    note(route, "characteristic and its variations in parameter space, integrated", error);
    caustic_focal_problem_clear(&problem);
    caustic_error_clear(error);
    arb_clear(limit);
}

/* Conclusions ********************************************************************************/

static int succeeded(const caustic_ray_route * route)
{
    return route->status == CAUSTIC_OK && route->focal->found;
}

static void conclude(caustic_ray_t ray, caustic_verdict verdict, const char * detail)
{
    ray->verdict = verdict;
    flint_free(ray->detail);
    ray->detail = caustic_string_copy(detail);
}

/* No route found a focal time to the digits: what is known of it all the same. */
static void undecided(caustic_ray_t ray)
{
    const caustic_focal_struct * a = ray->route[0].focal, * b = ray->route[1].focal;
    caustic_text_t text;
    if (a->found)
    {
        arb_set(ray->time, a->time);
    }
    else if (b->found)
    {
        arb_set(ray->time, b->time);
    }
    caustic_text_init(text);
    caustic_text_printf(text, "on the quotient: %s; in parameter space: %s", ray->route[0].detail, ray->route[1].detail);
    conclude(ray, CAUSTIC_UNDECIDED, text->data);
    caustic_text_clear(text);
}

/* There is no focal time as late as the one that the other route found, to the digits or not. */
static int missed(const caustic_ray_route * route, const caustic_ray_route * other)
{
    return other->focal->found && !route->focal->found && (route->focal->never || arb_gt(route->focal->reached, other->focal->time));
}

static int exclude_each_other(const caustic_ray_route * a, const caustic_ray_route * b)
{
    return missed(a, b) || missed(b, a)
        || (a->focal->found && b->focal->found && !arb_overlaps(a->focal->time, b->focal->time));
}

/* A geodesic that the integrator followed to its focal time in the stratum lives that long; for the closed formula, and beyond the stratum,
   somebody has to say so. */
static void combine(caustic_ray_t ray, first_way way, int complete)
{
    const caustic_ray_route * first = ray->route, * second = ray->route + 1;

    if (exclude_each_other(first, second))
    {
        conclude(ray, CAUSTIC_UNDECIDED, "the two routes exclude each other, which is a defect of Caustic: please report it");
    }
    else if (first->focal->never)
    {
        ray->shock = 0;
        conclude(ray, CAUSTIC_PROVED, first->detail);
    }
    else if (!succeeded(first) && !succeeded(second))
    {
        undecided(ray);
    }
    else
    {
        const caustic_focal_struct * best = succeeded(first) ? first->focal : second->focal;
        arb_set(ray->time, best->time);
        ray->multiplicity = best->multiplicity;
        ray->shock = 1;
        if (succeeded(first) && succeeded(second))
        {
            conclude(ray, CAUSTIC_PROVED, "both routes find the same first focal time");
        }
        else if (succeeded(first) && (way == BEYOND_STRATUM || (way == BY_FORMULA && !complete)))
        {
            conclude(ray, CAUSTIC_UNDECIDED, "the quotient is not proved complete, and the characteristic could not be followed"
                " to its focal time inside the domain: it may leave it before it focuses");
        }
        else
        {
            conclude(ray, CAUSTIC_PROVED, succeeded(first) ? "found on the quotient alone" : "found in parameter space alone");
        }
    }
}

/* Nothing is known of a point that may be no point of the quotient. */
static void no_foot(caustic_ray_t ray, caustic_result status, const caustic_error_t error)
{
    slong i;
    for (i = 0; i < 2; i++)
    {
        ray->route[i].status = status;
        note(ray->route + i, "", error);
    }
    undecided(ray);
}

void caustic_focal_ray(caustic_ray_t ray, const caustic_reduction_t reduction, const fmpq * from, slong digits,
    slong precision_limit, int complete)
{
    const caustic_setting_struct * setting = reduction->setting;
    slong d = setting->coordinates, length = FLINT_MAX(d, setting->parameters), i, prec = focal_foot_precision(digits, precision_limit);
    arb_ptr foot = _arb_vec_init(d), start = _arb_vec_init(length);
    caustic_error_t error;
    caustic_result status;
    caustic_error_init(error);
    for (i = 0; i < d; i++)
    {
        arb_set_fmpq(foot + i, from + i, prec);
    }
    status = caustic_focal_lift_foot(start, setting, foot, prec, error);
    if (status == CAUSTIC_OK)
    {
        first_way way = first_route(ray->route, reduction, from, foot, digits, precision_limit);
        second_route(ray->route + 1, reduction, start, ray->route[0].focal, digits, precision_limit);
        combine(ray, way, complete);
    }
    else
    {
        no_foot(ray, status, error);
    }
    caustic_error_clear(error);
    _arb_vec_clear(foot, d);
    _arb_vec_clear(start, length);
}
