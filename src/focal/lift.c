/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    lift: the same characteristic in parameter space and on the quotient [FOCAL-4].
*/

#include <string.h>
#include "focal/focal_internal.h"

static caustic_result no_loss(caustic_error_t error)
{
    return caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0, "a focal time needs a loss that does not contain nu");
}

caustic_result focal_no_section(caustic_error_t error)
{
    return caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0,
        "there is no section from which a characteristic could begin in parameter space, and the invariants are fewer than the parameters");
}

/* What both have: the foot is given by the coordinates. */
static void common(caustic_focal_problem * problem, const caustic_setting_t setting)
{
    memset(problem, 0, sizeof(caustic_focal_problem));
    problem->pool = setting->pool;
    problem->feet = setting->coordinates;
    problem->foot = setting->coordinate;
}

/* The stratum's expressions along the section. */
static void strata_downstairs(caustic_focal_problem * problem, const caustic_setting_t setting)
{
    slong i;
    caustic_expr * stratum = flint_malloc(sizeof(caustic_expr) * (size_t) FLINT_MAX(1, setting->strata));
    for (i = 0; i < setting->strata; i++)
    {
        stratum[i] = caustic_substitute(setting->pool, setting->stratum[i], setting->parameter, setting->section,
            setting->parameters);
    }
    problem->strata = setting->strata;
    problem->stratum = stratum;
}

/* Whether some symbol of the loss is a parameter that is no coordinate. */
static int in_parameters(const caustic_setting_t setting, caustic_expr loss)
{
    slong i;
    for (i = 0; i < setting->coordinates; i++)
    {
        if (caustic_expr_depends(setting->pool, loss, setting->coordinate[i]))
        {
            return 0;
        }
    }
    return 1;
}

/* Whether e divides by the expression: has a negative power of it among its nodes. A child's handle is smaller than
   its parent's. */
static int divides_by(const caustic_pool * pool, caustic_expr e, caustic_expr divisor)
{
    char * seen = flint_calloc((size_t) e + 1, 1);
    int found = 0;
    caustic_expr node;
    slong i;

    seen[e] = 1;
    for (node = e; node > CAUSTIC_NONE && !found; node--)
    {
        for (i = 0; seen[node] && i < caustic_expr_arity(pool, node); i++)
        {
            seen[caustic_expr_child(pool, node, i)] = 1;
        }
        found = seen[node] && caustic_expr_op(pool, node) == CAUSTIC_OP_POWER
            && fmpq_sgn(caustic_expr_fmpq(pool, node)) < 0 && caustic_expr_child(pool, node, 0) == divisor;
    }
    flint_free(seen);
    return found;
}

/* The stratum's expressions by which no invariant divides, unless none of them leaves a hole: where one of the others vanishes, a
   chart of the quotient ends, and the quotient goes on where the rest of what must hold does [FOCAL-4]. Without a section all of
   them: the invariants may be defined where they are no coordinates any more. */
static void strata_upstairs(caustic_focal_problem * problem, const caustic_setting_t setting)
{
    slong d = setting->coordinates, i, j;
    caustic_expr * stratum = flint_malloc(sizeof(caustic_expr) * (size_t) FLINT_MAX(1, setting->strata));
    problem->strata = 0;
    for (j = 0; j < setting->strata && !(setting->stratum_of_charts && setting->has_section); j++)
    {
        for (i = 0; i < d && !divides_by(setting->pool, setting->invariant[i], setting->stratum[j]); i++)
        {
        }
        if (i == d || !setting->has_section)
        {
            stratum[problem->strata++] = setting->stratum[j];
        }
    }
    problem->stratum = stratum;
}

caustic_result caustic_focal_upstairs(caustic_focal_problem * problem, const caustic_setting_t setting,
    caustic_expr loss, caustic_error_t error)
{
    slong n = setting->parameters, d = setting->coordinates;

    common(problem, setting);
    if (loss == CAUSTIC_NONE)
    {
        return no_loss(error);
    }
    if (!setting->has_section && n != d)
    {
        return focal_no_section(error);
    }
    problem->dimension = n;
    problem->coordinate = setting->parameter;
    problem->domain = setting->parameter_domain;
    problem->cometric = setting->inverse_metric;
    problem->function = in_parameters(setting, loss) ? loss
        : caustic_substitute(setting->pool, loss, setting->coordinate, setting->invariant, d);
    problem->generators = setting->generators;
    problem->generator = setting->generator;
    strata_upstairs(problem, setting);
    problem->start = setting->section;
    if (!setting->has_section)
    {
        problem->feet = n;
        problem->foot = problem->start = setting->parameter;
    }
    return CAUSTIC_OK;
}

caustic_result caustic_focal_downstairs(caustic_focal_problem * problem, const caustic_setting_t setting,
    const caustic_expr * cometric, caustic_expr loss, caustic_error_t error)
{
    common(problem, setting);
    if (loss == CAUSTIC_NONE)
    {
        return no_loss(error);
    }
    if (!setting->has_section && setting->strata > 0 && !setting->stratum_of_charts)
    {
        return caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0,
            "there is no section along which the expressions of the stratum could be followed on the quotient");
    }
    problem->dimension = setting->coordinates;
    problem->coordinate = setting->coordinate;
    problem->domain = setting->coordinate_domain;
    problem->cometric = cometric;
    problem->function = loss;
    if (setting->has_section)
    {
        strata_downstairs(problem, setting);
    }
    problem->start = setting->coordinate;
    return CAUSTIC_OK;
}

void caustic_focal_problem_clear(caustic_focal_problem * problem)
{
    flint_free((void *) problem->stratum);
    memset(problem, 0, sizeof(caustic_focal_problem));
}

#define STEP_LIMIT 4000

caustic_result caustic_characteristic_focal_time(arb_t time, const caustic_setting_t setting,
    caustic_expr loss, arb_srcptr foot, const arb_t time_limit, slong digits, slong precision_limit,
    caustic_error_t error)
{
    slong i;
    caustic_focal_problem problem;
    caustic_focal_options options = {time_limit, STEP_LIMIT, digits, precision_limit};
    caustic_focal_t result;
    caustic_result status;
    arb_ptr start = _arb_vec_init(FLINT_MAX(setting->parameters, setting->coordinates));

    caustic_focal_init(result);
    status = caustic_focal_upstairs(&problem, setting, loss, error);
    for (i = 0; status == CAUSTIC_OK && i < setting->coordinates; i++)
    {
        if (caustic_interval_contains_arb(setting->coordinate_domain + i, foot + i) != T_TRUE)
        {
            status = caustic_error_set(error, CAUSTIC_UNSUPPORTED, NULL, 0, 0,
                "the foot of the characteristic is not certainly in the domain of coordinate %s",
                caustic_expr_name(setting->pool, setting->coordinate[i]));
        }
    }
    if (status == CAUSTIC_OK)
    {
        status = caustic_focal_lift_foot(start, setting, foot, focal_foot_precision(digits, precision_limit), error);
    }
    if (status == CAUSTIC_OK)
    {
        status = caustic_focal_integrate(result, &problem, start, &options, error);
    }
    if (status == CAUSTIC_OK)
    {
        arb_set(time, result->time);
    }
    else
    {
        arb_zero_pm_inf(time);
    }
    caustic_focal_problem_clear(&problem);
    caustic_focal_clear(result);
    _arb_vec_clear(start, FLINT_MAX(setting->parameters, setting->coordinates));
    return status;
}
