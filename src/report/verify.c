/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include <caustic/residual.h>
#include "parts.h"
#include "report_internal.h"

#define BOUND_DIGITS 3

/* The covariant form of Burgers' equation has the residual of the form in coordinates where the two are the same, coefficient by
   coefficient [EQUATIONS-3]: what is bounded of one is bounded of the other. */
static void
write_covariant(caustic_text_t out, const caustic_checks_struct * covariant)
{
    const caustic_check_struct * check = covariant->length > 0 ? covariant->entries : NULL;

    if (check == NULL)
        caustic_text_append(out, "; of the covariant form nothing is said");
    else if (check->verdict == CAUSTIC_PROVED)
        caustic_text_append(out, "; the covariant form has the same residual, coefficient by coefficient [EQUATIONS-3]");
    else
        caustic_text_printf(out, "; that the covariant form is the same is %s: %s", caustic_verdict_name(check->verdict), check->detail);
}

static json_t *
json_check(const caustic_residual_check * check, const caustic_checks_struct * covariant)
{
    json_t * object = json_object();
    caustic_text_t detail;
    char * viscosity = fmpq_get_str(NULL, 10, check->viscosity);

    json_object_set_new(object, "name", json_string(check->name));
    json_object_set_new(object, "verdict", json_verdict(check->verdict));
    json_object_set_new(object, "viscosity", json_string(viscosity));

    if (arb_is_finite(check->bound))
    {
        caustic_text_t bound;

        caustic_text_init(bound);
        caustic_print_upper(bound, check->bound, BOUND_DIGITS);
        json_object_set_new(object, "bound", json_string(bound->data));
        caustic_text_clear(bound);
    }

    json_object_set_new(object, "method", json_string(check->method == NULL ? "" : check->method));
    caustic_text_init(detail);
    caustic_text_append(detail, check->detail == NULL ? "" : check->detail);
    if (covariant != NULL && check->verdict == CAUSTIC_PROVED && strcmp(check->name, "burgers_residual") == 0)
        write_covariant(detail, covariant);
    json_object_set_new(object, "detail", json_string(detail->data));
    caustic_text_clear(detail);
    flint_free(viscosity);
    return object;
}

/* Equations that were altered on purpose and were not refuted leave the checks without teeth. */
static caustic_verdict
set_altered(json_t * record, const caustic_residual_result_t result)
{
    json_t * altered = json_object();

    json_object_set_new(altered, "tried", json_integer(result->altered_tried));
    json_object_set_new(altered, "refuted", json_integer(result->altered_refuted));
    json_object_set_new(altered, "detail", json_string(result->altered->data));
    json_object_set_new(record, "altered", altered);
    return result->altered_refuted == result->altered_tried ? CAUSTIC_PROVED : CAUSTIC_UNDECIDED;
}

static int
is_kind(const caustic_case_t problem, const char * kind)
{
    return problem->normal_form_kind != NULL && strcmp(problem->normal_form_kind, kind) == 0;
}

/* Circles, and spheres with zonal losses. */
static int
is_harmonic(const caustic_case_t problem)
{
    return (is_kind(problem, "sphere") && problem->normal_form_maps <= 1)
        || (is_kind(problem, "torus") && problem->setting->coordinates == 1);
}

/* The half line of the Bessel operator; for n < 2 only where the case says so. */
static int
is_radial(const caustic_case_t problem, const caustic_reduction_t reduction)
{
    return is_kind(problem, "bessel")
        || (problem->normal_form_kind == NULL && reduction->density == CAUSTIC_NONE && caustic_is_radial(reduction));
}

/* Quotients that R^d times spheres covers: cylinders, tori, products, and what has holes, where the case names no form. */
static int
is_covered(const caustic_case_t problem, const caustic_reduction_t reduction)
{
    return is_kind(problem, "cylinder") || is_kind(problem, "product") || is_kind(problem, "sphere") || (is_kind(problem, "torus") && problem->setting->coordinates > 1)
        || (problem->normal_form_kind == NULL && problem->setting->coordinates > 1 && reduction->density == CAUSTIC_NONE
            && caustic_reduction_is_punctured(reduction));
}

static void
describe(caustic_residual_options * description, const caustic_case_t problem, const caustic_run_options * options)
{
    const caustic_verify_block * block = &problem->verify;

    memset(description, 0, sizeof(caustic_residual_options));
    description->viscosities = block->viscosities;
    description->viscosity = block->viscosity;
    description->box = block->box;
    description->time = block->time;
    description->tolerance = fmpq_is_zero(options->tolerance) ? block->tolerance : options->tolerance;
    description->precision_limit = options->precision_limit;
}

static int
is_proved(const caustic_reduction_t reduction, const char * name)
{
    for (slong i = 0; i < reduction->checks->length; i++)
        if (strcmp(reduction->checks->entries[i].name, name) == 0)
            return reduction->checks->entries[i].verdict == CAUSTIC_PROVED;
    return 0;
}

/* Where the algebra has refuted the reduction, and the local entropy can be computed upstairs, it is seen to differ along
   an orbit. */
static void
set_orbits(json_t * record, const caustic_case_t problem, const caustic_reduction_t reduction, const caustic_run_options * options)
{
    caustic_residual_options description;
    caustic_residual_result_t result;
    json_t * checks;

    if (problem->setting->density == CAUSTIC_NONE || !problem->setting->has_section || !is_proved(reduction, "section")
        || !is_proved(reduction, "invariance"))
        return;

    checks = json_array();
    describe(&description, problem, options);
    caustic_residual_result_init(result);
    caustic_verify_orbits(result, reduction, &description);
    for (slong i = 0; i < result->length; i++)
        json_array_append_new(checks, json_check(result->entries + i, NULL));
    json_object_set_new(record, "checks", checks);
    caustic_residual_result_clear(result);
}

static caustic_expr
only_map(const caustic_case_t problem)
{
    return problem->normal_form_maps == 1 ? problem->normal_form_map[0] : CAUSTIC_NONE;
}

static void
verify_form(caustic_residual_result_t result, const caustic_case_t problem, const caustic_reduction_t reduction,
    const caustic_residual_options * description)
{
    if (is_radial(problem, reduction))
        caustic_verify_radial(result, reduction, only_map(problem), description);
    else if (is_harmonic(problem))
        caustic_verify_harmonic(result, reduction, problem->normal_form_kind, only_map(problem), description);
    else if (is_covered(problem, reduction))
        caustic_verify_cover(result, reduction, problem->normal_form_kind,
            problem->normal_form_maps > 0 ? problem->normal_form_map : NULL, problem->normal_form_maps, description);
    else if (reduction->density != CAUSTIC_NONE)
        caustic_verify_spectral(result, reduction, reduction->density, description);
    else if (problem->setting->coordinates > 1 && problem->normal_form_maps == 1)
        caustic_verify_line(result, reduction, problem->normal_form_map[0], description);
    else if (problem->setting->coordinates > 1)
        caustic_verify_euclidean(result, reduction,
            problem->normal_form_maps > 0 ? problem->normal_form_map : NULL, description);
    else
        caustic_verify_1d(result, reduction, only_map(problem), description);
}

/* A case that names no form may live on a circle, or on what R^d times spheres covers. What is proved there replaces
   what was lacking here. */
static void
try_round_form(caustic_residual_result_t result, const caustic_case_t problem, const caustic_reduction_t reduction,
    const caustic_residual_options * description)
{
    caustic_residual_result_t round;

    caustic_residual_result_init(round);
    if (problem->setting->coordinates == 1)
        caustic_verify_harmonic(round, reduction, "torus", CAUSTIC_NONE, description);
    else
        caustic_verify_cover(round, reduction, NULL, NULL, 0, description);
    if (round->verdict == CAUSTIC_PROVED)
    {
        caustic_residual_result_struct other = *result;

        *result = *round;
        *round = other;
    }
    caustic_residual_result_clear(round);
}

static caustic_verdict
verify(json_t * record, const caustic_case_t problem, caustic_reduction_t reduction,
    const caustic_run_options * options)
{
    caustic_residual_options description;
    caustic_residual_result_t result;
    caustic_checks_t covariant;
    parts_t parts;
    caustic_verdict verdict;
    json_t * checks = json_array();

    describe(&description, problem, options);

    caustic_residual_result_init(result);
    verify_form(result, problem, reduction, &description);
    if (result->verdict == CAUSTIC_UNDECIDED && problem->normal_form_kind == NULL && reduction->density == CAUSTIC_NONE)
        try_round_form(result, problem, reduction, &description);

    caustic_checks_init(covariant);
    parts_init(parts, reduction);
    parts_check_covariant(covariant, parts);
    for (slong i = 0; i < result->length; i++)
        json_array_append_new(checks, json_check(result->entries + i, covariant));
    json_object_set_new(record, "checks", checks);
    parts_clear(parts);
    caustic_checks_clear(covariant);
    verdict = caustic_verdict_and(result->verdict, set_altered(record, result));

    caustic_residual_result_clear(result);
    return verdict;
}

/* Why the residuals cannot be verified, or NULL. */
static const char *
what_lacks(const caustic_case_t problem, const caustic_reduction_t reduction)
{
    int is_spectral = problem->normal_form_kind != NULL && strcmp(problem->normal_form_kind, "spectral") == 0;

    if (!reduction->written_out)
        return "the quotient's matrices are too large to be written out";
    /* What the chart and the stratum leave out is looked at where the form is proved. */
    if (is_harmonic(problem))
        return problem->normal_form_maps <= 1 ? NULL : "a circle has one map";
    if (is_covered(problem, reduction))
        return NULL;
    /* Polynomials know nothing of holes: phi > 0 is proved where the residual is. */
    if (reduction->density != CAUSTIC_NONE)
        return NULL;
    if (is_spectral)
        return "the normal form spectral needs a loss -2*nu*log(p) with a polynomial p";
    if (problem->setting->coordinates > 1 && problem->normal_form_maps == 1)
        return NULL;
    if (caustic_reduction_is_punctured(reduction))
        return "the stratum leaves holes in the quotient, or is not seen to leave none: the kernel of the whole"
            " space is not the kernel there";
    return NULL;
}

json_t *
caustic_report_verify(const caustic_case_t problem, const caustic_run_options * options)
{
    caustic_reduction_t reduction;
    caustic_verdict verdict;
    json_t * record;

    if (!problem->verify.present || problem->setting->loss == CAUSTIC_NONE)
        return NULL;

    record = record_new(problem);
    caustic_reduction_init(reduction, problem->setting);

    if (record_reduction(record, &verdict, reduction))
    {
        const char * lacking = what_lacks(problem, reduction);

        if (lacking != NULL)
        {
            verdict = CAUSTIC_UNDECIDED;
            json_object_set_new(record, "detail", json_string(lacking));
        }
        else
            verdict = verify(record, problem, reduction, options);
    }
    else if (verdict == CAUSTIC_REFUTED)
        set_orbits(record, problem, reduction, options);

    record_conclude(record, verdict, problem, CAUSTIC_COMMAND_VERIFY);
    caustic_reduction_clear(reduction);
    return record;
}
