/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    euclidean: the checks on flat quotients R^d. Uniform bounds on the whole box, jets at points, altered equations, initial
    data, and the local entropy on parameter space in its own flat coordinates.
*/

#include <string.h>
#include "flat.h"
#include "euclidean.h"
#include "identity.h"

#define PREC 128

typedef struct
{
    flat_t flat;
    product_form_t product;   /* where the flat coordinates are those of a universal cover */
    int covered;
}
form_struct;

static const form_struct *
form_of(const solution_struct * solution)
{
    return solution->data;
}

static slong
working_precision(const solution_struct * solution)
{
    return 4 * tolerance_digits(solution->options) + PREC;
}

static void
derivatives_of_phi(derivatives_t phi, const solution_struct * solution, arb_srcptr z, const fmpq_t t, slong prec)
{
    arb_t time;

    arb_init(time);
    arb_set_fmpq(time, t, prec);
    /* Before the times of the case the value alone is asked for. */
    flat_derivatives(phi, form_of(solution)->flat, z, time, fmpq_cmp(t, solution->options->time->lower) >= 0, tolerance_digits(solution->options) + 8, prec);
    arb_clear(time);
}

static void
residuals(outcome_t hamilton_jacobi, outcome_t burgers, const solution_t solution)
{
    slong prec = working_precision(solution);

    cover_residuals(hamilton_jacobi, burgers, form_of(solution)->flat, solution->options);
    if (prec > solution->options->precision_limit)
    {
        hamilton_jacobi->verdict = burgers->verdict = CAUSTIC_UNDECIDED;
        caustic_text_printf(hamilton_jacobi->detail, "; the jets need %ld bits, above the precision limit", (long) prec);
        caustic_text_append(burgers->detail, "; as above");
    }
    else if (hamilton_jacobi->verdict == CAUSTIC_PROVED)
        judge_points(hamilton_jacobi, burgers, solution, prec);
    flat_write_kinks(hamilton_jacobi->detail, form_of(solution)->flat, solution->reduction->setting->coordinate);
}

/* The driver *********************************************************************************/

static void
verify_viscosity(caustic_residual_result_t result, solution_t solution, form_struct * form, const fmpq * viscosity)
{
    const char * method = form->covered
        ? "kernel sums on the universal cover, errors on polydiscs [HEAT-12] [HEAT-32] [HEAT-52] [RESIDUAL-11]"
        : "kernel sums in proved flat coordinates, errors on polydiscs [HEAT-12] [HEAT-15] [HEAT-52] [RESIDUAL-11]";
    outcome_t reduction, hamilton_jacobi, burgers, initial;
    const char * how = "";
    caustic_text_t why;

    outcome_init(reduction);
    outcome_init(hamilton_jacobi);
    outcome_init(burgers);
    outcome_init(initial);
    caustic_text_init(why);
    solution->viscosity = viscosity;
    if (!flat_set_viscosity(form->flat, why, viscosity))
        undecided(result, viscosity, why->data);
    else
    {
        flat_parameter_space(reduction, &how, solution, form->flat, form->covered ? form->product : NULL);
        residuals(hamilton_jacobi, burgers, solution);
        if (form->covered)
            caustic_text_printf(hamilton_jacobi->detail, "; %s", form->product->proof->data);
        if (hamilton_jacobi->verdict != CAUSTIC_REFUTED)
        {
            try_alterations(result, solution);
            flat_initial_data(initial, result, solution, form->flat);
        }
        add_check(result, "reduction", viscosity, reduction, how);
        add_check(result, "hamilton_jacobi_residual", viscosity, hamilton_jacobi, method);
        add_check(result, "burgers_residual", viscosity, burgers, method);
        add_check(result, "initial_data", viscosity, initial, "closed bound and computed values [RESIDUAL-13] [RESIDUAL-50]");
    }
    outcome_clear(reduction);
    outcome_clear(hamilton_jacobi);
    outcome_clear(burgers);
    outcome_clear(initial);
    caustic_text_clear(why);
}

/* cylinder: some circles and lines; torus: circles alone; sphere: some; product, or none: anything. */
static int
is_of_kind(const product_form_struct * product, const char * kind)
{
    if (kind == NULL || strcmp(kind, "product") == 0)
        return 1;
    if (strcmp(kind, "sphere") == 0)
        return product->spheres > 0;
    return product->spheres == 0 && product->circles > 0
        && (strcmp(kind, "torus") == 0) == (product->circles == product->dimension);
}

/* Whether the loss depends on no angle of a sphere: then v has no part along the spheres, and the Ricci curvature of the product none
   across them [RESIDUAL-7]. */
static int
is_blind_to_spheres(const form_struct * form)
{
    const flat_struct * flat = form->flat;
    int blind = form->covered;

    for (slong i = 0; i < flat->blocks; i++)
        blind = blind && !(flat->block[i].zonal
            && caustic_expr_depends(flat->pool, flat->block[i].loss, flat->chart->s[flat->block[i].axis[flat->block[i].dimension]]));
    return blind;
}

/* [HEAT-32] The cover, and that its kind is the one that the case names. */
static caustic_verdict
prepare_cover(form_struct * form, caustic_text_t why, const caustic_reduction_t reduction, const char * kind,
    const caustic_expr * given, slong given_length, const caustic_residual_options * options, caustic_expr factor)
{
    product_form_struct * product = form->product;
    caustic_verdict verdict = product_form_init(product, why, reduction, given, given_length);

    form->covered = 1;
    if (verdict != CAUSTIC_PROVED)
        return verdict;
    if (!is_of_kind(product, kind))
        caustic_text_printf(why, "the normal form is %s, and the quotient has %ld flat coordinates of which %ld are closed to circles,"
            " and %ld spheres", kind, (long) product->dimension, (long) product->circles, (long) product->spheres);
    else if (flat_init_cover(form->flat, why, product, options->box, factor))
        return CAUSTIC_PROVED;
    return CAUSTIC_UNDECIDED;
}

static caustic_verdict
prepare_chart(form_struct * form, caustic_text_t why, const caustic_reduction_t reduction, const caustic_expr * given, caustic_expr factor)
{
    const caustic_setting_struct * setting = reduction->setting;
    /* The loss as it was written, where it was written in the coordinates. */
    caustic_expr loss = setting->loss_in_parameters ? reduction->loss : setting->loss;

    return flat_init(form->flat, why, setting->pool, setting->coordinate, setting->coordinate_domain, setting->coordinates,
        reduction->cometric_expr, reduction->drift_expr, given, caustic_mul(setting->pool, factor, loss), "s")
        ? CAUSTIC_PROVED : CAUSTIC_UNDECIDED;
}

/* Everything that does not depend on the viscosity: PROVED where it is there, or the verdict of all checks with the reason. */
static caustic_verdict
prepare(solution_t solution, form_struct * form, caustic_text_t why, const caustic_reduction_t reduction, const char * kind,
    int covered, const caustic_expr * given, slong given_length, const caustic_residual_options * options, const fmpq_t kernel_factor)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_expr factor = caustic_number(setting->pool, kernel_factor);
    caustic_verdict verdict = CAUSTIC_UNDECIDED;

    solution_init(solution, reduction, options);
    solution->data = form;
    solution->derivatives = derivatives_of_phi;
    if (!box_is_bounded(options, setting))
        caustic_text_append(why, "the box is not a bounded part of the coordinates' domains and of positive times");
    else if (solution->equations->tape == NULL)
        caustic_text_append(why, "the equations could not be written");
    else if (fmpq_sgn(options->tolerance) <= 0)
        caustic_text_append(why, "the tolerance is not positive");
    else
        verdict = covered ? prepare_cover(form, why, reduction, kind, given, given_length, options, factor)
            : prepare_chart(form, why, reduction, given, factor);
    solution->constant = 1;
    for (slong i = 0; i < setting->coordinates && solution->constant; i++)
        solution->constant = vanishes_identically(caustic_derivative(setting->pool, reduction->loss, setting->coordinate[i]),
            (gr_ctx_struct *) reduction->downstairs);
    if (verdict == CAUSTIC_PROVED && is_blind_to_spheres(form))
        solution->has_curvature = 0;
    return verdict;
}

static void
verify(caustic_residual_result_t result, const caustic_reduction_t reduction, const char * kind, int covered,
    const caustic_expr * given, slong given_length, const caustic_residual_options * options, const fmpq_t kernel_factor)
{
    solution_t solution;
    form_struct form;
    caustic_text_t why;
    caustic_verdict usable;

    memset(&form, 0, sizeof(form));
    caustic_text_init(why);
    usable = prepare(solution, &form, why, reduction, kind, covered, given, given_length, options, kernel_factor);
    for (slong i = 0; i < options->viscosities; i++)
    {
        if (usable == CAUSTIC_PROVED)
            verify_viscosity(result, solution, &form, options->viscosity + i);
        else
            refuse(result, options->viscosity + i, usable, why->data);
    }
    conclude_checks(result);

    solution_clear(solution);
    flat_clear(form.flat);
    if (form.covered)
        product_form_clear(form.product);
    caustic_text_clear(why);
}

void
verify_euclidean_planted(caustic_residual_result_t result, const caustic_reduction_t reduction, const caustic_expr * given,
    const caustic_residual_options * options, const fmpq_t kernel_factor)
{
    verify(result, reduction, NULL, 0, given, 0, options, kernel_factor);
}

void
verify_cover_planted(caustic_residual_result_t result, const caustic_reduction_t reduction, const char * kind,
    const caustic_expr * given, slong length, const caustic_residual_options * options, const fmpq_t kernel_factor)
{
    verify(result, reduction, kind, 1, given, length, options, kernel_factor);
}

void
caustic_verify_cover(caustic_residual_result_t result, const caustic_reduction_t reduction, const char * kind,
    const caustic_expr * given, slong length, const caustic_residual_options * options)
{
    fmpq_t one;

    fmpq_init(one);
    fmpq_one(one);
    verify_cover_planted(result, reduction, kind, given, length, options, one);
    fmpq_clear(one);
}

void
caustic_verify_euclidean(caustic_residual_result_t result, const caustic_reduction_t reduction, const caustic_expr * given,
    const caustic_residual_options * options)
{
    fmpq_t one;

    fmpq_init(one);
    fmpq_one(one);
    verify_euclidean_planted(result, reduction, given, options, one);
    fmpq_clear(one);
}
