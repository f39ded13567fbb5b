/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include <caustic/heat.h>
#include <caustic/symmetry.h>
#include "parts.h"
#include "report_internal.h"

/* A one-dimensional quotient in its flat coordinate: found where it is elementary, or as the case
   gives it, and then each statement about it is a check. */
static void
set_normal_form(json_t * record, caustic_reduction_t reduction, const caustic_case_t problem)
{
    const caustic_setting_struct * setting = problem->setting;
    int given = problem->normal_form_maps == 1 && strcmp(problem->normal_form_kind, "euclidean") == 0;
    caustic_flattening_t flat;

    if (setting->coordinates != 1 || (problem->normal_form_kind != NULL && !given))
        return;

    caustic_flattening_init(flat);

    if (caustic_flatten(flat, setting->pool, setting->coordinate[0], setting->coordinate_domain,
            reduction->cometric_expr[0], reduction->drift_expr[0],
            given ? problem->normal_form_map[0] : CAUSTIC_NONE) == CAUSTIC_OK
        && caustic_checks_verdict(flat->checks) == CAUSTIC_PROVED)
    {
        json_t * object = json_object();

        json_object_set_new(object, "kind", json_string("euclidean"));
        json_object_set_new(object, "map", json_expr_vector(setting->pool, &flat->map, 1));
        json_object_set_new(record, "normal_form", object);
    }

    for (slong i = 0; given && i < flat->checks->length; i++)
    {
        const caustic_check_struct * check = flat->checks->entries + i;

        caustic_checks_add(reduction->checks, "normal_form", check->verdict, "%s: %s", check->name, check->detail);
    }

    caustic_flattening_clear(flat);
}

typedef void (* equation_writer)(caustic_text_t, const caustic_pool *, const caustic_equation *);

static json_t *
json_equation(const caustic_pool * pool, const caustic_equation * equation, equation_writer write)
{
    caustic_text_t text;
    json_t * string;

    caustic_text_init(text);
    write(text, pool, equation);
    string = json_string(text->data);
    caustic_text_clear(text);
    return string;
}

static json_t *
json_equations(const caustic_equations_t equations, const caustic_equation * list, equation_writer write)
{
    json_t * array = json_array();

    for (slong k = 0; k < equations->dimension; k++)
        json_array_append_new(array, json_equation(equations->pool, list + k, write));

    return array;
}

static const char covariant_form[]
    = "v_k_t + v^j D_j v_k = nu (D^j D_j v_k + W^j D_j v_k - R_kj v^j + (D_k W_j) v^j)";

static json_t *
json_equations_text(const caustic_equations_t equations, int has_covariant)
{
    const caustic_pool * pool = equations->pool;
    json_t * text = json_object();

    json_object_set_new(text, "hamilton_jacobi", json_equation(pool, &equations->hamilton_jacobi, caustic_equation_print));
    json_object_set_new(text, "heat", json_equation(pool, &equations->heat, caustic_equation_print));
    json_object_set_new(text, "burgers", json_equations(equations, equations->burgers, caustic_equation_print));
    if (has_covariant)
        json_object_set_new(text, "burgers_covariant", json_string(covariant_form));
    return text;
}

static void
set_equations_latex(json_t * latex, const caustic_equations_t equations)
{
    const caustic_pool * pool = equations->pool;

    json_object_set_new(latex, "hamilton_jacobi", json_equation(pool, &equations->hamilton_jacobi, caustic_equation_latex));
    json_object_set_new(latex, "heat", json_equation(pool, &equations->heat, caustic_equation_latex));
    json_object_set_new(latex, "burgers", json_equations(equations, equations->burgers, caustic_equation_latex));
}

static json_t *
json_latex(const caustic_pool * pool, caustic_expr e)
{
    caustic_text_t text;
    json_t * string;

    caustic_text_init(text);
    caustic_expr_latex(text, pool, e);
    string = json_string(text->data);
    caustic_text_clear(text);
    return string;
}

typedef json_t * (* json_writer)(const caustic_pool *, caustic_expr);

static json_t *
json_tensor(const caustic_pool * pool, const caustic_expr * entries, slong d, int rank, json_writer write)
{
    json_t * array;
    slong stride = 1;

    if (rank == 0)
        return write(pool, *entries);

    for (int r = 1; r < rank; r++)
        stride *= d;
    array = json_array();
    for (slong i = 0; i < d; i++)
        json_array_append_new(array, json_tensor(pool, entries + i * stride, d, rank - 1, write));
    return array;
}

/* Sets a key in the record as text and, in its latex, as LaTeX: an expression (rank 0), a vector, a matrix,
   d matrices. */
static void
set_tensor(json_t * record, json_t * latex, const char * key, const caustic_pool * pool, const caustic_expr * entries,
    slong d, int rank)
{
    for (int as_latex = 0; as_latex <= 1; as_latex++)
        json_object_set_new(as_latex ? latex : record, key,
            json_tensor(pool, entries, d, rank, as_latex ? json_latex : json_expr));
}

static json_t *
json_truth(truth_t truth)
{
    return truth == T_UNKNOWN ? json_null() : json_boolean(truth == T_TRUE);
}

/* Above this dimension the d^3 Christoffel symbols are not listed. */
#define CHRISTOFFEL_LISTED 10

/* What the whole quotient is, as far as it is written out. */
static void
set_geometry(json_t * record, json_t * latex, const parts_t parts)
{
    const caustic_reduction_struct * reduction = parts->reduction;
    const caustic_setting_struct * setting = reduction->setting;
    const caustic_pool * pool = setting->pool;
    slong d = setting->coordinates;
    const char * lacking = parts_lacking(parts);
    caustic_expr scalar = parts_scalar(parts), constant = parts_constant_curvature(parts);
    caustic_expr potential = parts_potential(parts);

    if (reduction->written_out && setting->copies == 1)
    {
        set_tensor(record, latex, "cometric", pool, reduction->cometric_expr, d, 2);
        set_tensor(record, latex, "drift", pool, reduction->drift_expr, d, 1);
    }

    if (lacking == NULL && setting->copies == 1)
    {
        caustic_expr * metric = parts_matrix(parts, part_metric), * ricci = parts_matrix(parts, part_ricci);
        caustic_expr * weight = parts_vector(parts, part_weight), * christoffel = parts_christoffel(parts);

        set_tensor(record, latex, "metric", pool, metric, d, 2);
        if (d <= CHRISTOFFEL_LISTED)
            set_tensor(record, latex, "christoffel", pool, christoffel, d, 3);
        set_tensor(record, latex, "weight_gradient", pool, weight, d, 1);
        set_tensor(record, latex, "ricci", pool, ricci, d, 2);
        flint_free(metric);
        flint_free(ricci);
        flint_free(weight);
        flint_free(christoffel);
    }

    if (lacking != NULL)
        json_object_set_new(record, "not_derived", json_string(lacking));

    json_object_set_new(record, "weight_closed", json_truth(parts_weight_closed(parts)));
    if (potential != CAUSTIC_NONE && setting->copies == 1)
        set_tensor(record, latex, "weight_potential", pool, &potential, d, 0);
    if (constant != CAUSTIC_NONE)
        set_tensor(record, latex, "constant_curvature", pool, &constant, d, 0);
    if (scalar != CAUSTIC_NONE)
        set_tensor(record, latex, "scalar_curvature", pool, &scalar, d, 0);
    json_object_set_new(record, "flat", json_truth(parts_flat(parts)));
}

/* Products ***********************************************************************************/

/* The names of the coordinates of every copy that is written out, a list a copy. */
static json_t *
json_copies(const part_struct * part, const caustic_setting_struct * whole)
{
    json_t * copies = json_array();

    for (slong copy = 0; copy < (part->coordinate == NULL ? 1 : part->copies); copy++)
    {
        json_t * names = json_array();

        for (slong i = 0; i < part->unit->coordinates; i++)
            json_array_append_new(names, json_expr(whole->pool, on_copy(part, whole, part->unit->coordinate[i], copy)));
        json_array_append_new(copies, names);
    }

    return copies;
}

static json_t *
json_unit(const part_struct * part, const caustic_setting_struct * whole)
{
    const caustic_setting_struct * unit = part->unit;
    caustic_pool * pool = unit->pool;
    slong d = unit->coordinates;
    caustic_expr scalar = part_scalar(part);
    json_t * object = json_object();
    json_t * latex = json_object();
    json_t * spheres = json_array();

    for (slong i = 0; i < unit->spheres; i++)
        json_array_append_new(spheres, json_integer(unit->sphere[i]));

    json_object_set_new(object, "copies", json_integer(part->copies));
    json_object_set_new(object, "coordinates", json_copies(part, whole));
    json_object_set_new(object, "spheres", spheres);

    if (part->reduction->written_out)
    {
        set_tensor(object, latex, "cometric", pool, part->reduction->cometric_expr, d, 2);
        set_tensor(object, latex, "drift", pool, part->reduction->drift_expr, d, 1);
    }
    if (part->has_geometry)
    {
        set_tensor(object, latex, "metric", pool, part->metric, d, 2);
        set_tensor(object, latex, "weight_gradient", pool, part->weight, d, 1);
        json_object_set_new(object, "weight_closed", json_truth(part->weight_closed));
        set_tensor(object, latex, "ricci", pool, part->ricci, d, 2);
    }
    if (scalar != CAUSTIC_NONE)
        set_tensor(object, latex, "scalar_curvature", pool, &scalar, d, 0);
    json_object_set_new(object, "flat", json_truth(part_flat(part)));
    json_object_set_new(object, "torus", json_boolean(part->reduction->is_torus));
    if (part->has_equations)
    {
        json_object_set_new(object, "equations", json_equations_text(part->equations, part->has_geometry));
        set_equations_latex(latex, part->equations);
    }

    json_object_set_new(object, "latex", latex);
    return object;
}

typedef void (* expression_writer)(caustic_text_t, const caustic_pool *, caustic_expr);

/* The spheres' part of |du|^2/2, or of the Laplacian: "|D_S3 u|^2/2", "nu*Lap_S3 u". */
static void
write_spheres(caustic_text_t out, const caustic_setting_struct * unit, int diffusion, int latex)
{
    const char * format = diffusion ? (latex ? "\\nu \\Delta_{S^{%ld}} u" : "nu*Lap_S%ld u")
        : (latex ? "\\tfrac{1}{2} |\\nabla_{S^{%ld}} u|^2" : "|D_S%ld u|^2/2");

    for (slong i = 0; i < unit->spheres; i++)
    {
        caustic_text_append(out, i > 0 || unit->coordinates > 0 ? " + " : "");
        caustic_text_printf(out, format, (long) unit->sphere[i]);
    }
}

/* One side of the Hamilton-Jacobi equation of a unit, without u_t. */
static void
write_side(caustic_text_t out, const part_struct * part, int diffusion, int latex)
{
    expression_writer write = latex ? caustic_expr_latex : caustic_expr_print;
    caustic_pool * pool = part->unit->pool;
    const caustic_equation * equation = &part->equations->hamilton_jacobi;

    if (part->unit->coordinates > 0)
        write(out, pool, diffusion ? equation->right : caustic_sub(pool, equation->left,
            caustic_equations_symbol(part->equations, "u", NULL, 0, 1)));
    write_spheres(out, part->unit, diffusion, latex);
}

/* The sum over all units of one side of the Hamilton-Jacobi equation, each kind of unit by its first one's
   coordinates; a unit whose quotient is a point has no part in it. */
static void
write_sum(caustic_text_t out, const parts_t parts, int diffusion, int latex)
{
    int first = 1;

    for (slong f = 0; f < parts->length; f++)
    {
        const part_struct * part = parts->part + f;

        if (part->unit->coordinates == 0 && part->unit->spheres == 0)
            continue;

        caustic_text_append(out, first ? "" : " + ");
        first = 0;
        if (part->copies > 1)
            caustic_text_printf(out, latex ? "\\sum_{%ld\\text{ units}} \\left(" : "sum_%ld_units(", (long) part->copies);
        write_side(out, part, diffusion, latex);
        if (part->copies > 1)
            caustic_text_append(out, latex ? "\\right)" : ")");
    }

    caustic_text_append(out, first ? "0" : "");
}

/* The Hamilton-Jacobi equation as a sum over units, never expanded. */
static json_t *
json_sum(const parts_t parts, int latex)
{
    caustic_text_t text;
    json_t * string;

    caustic_text_init(text);
    caustic_text_append(text, latex ? "\\partial_t u + " : "u_t + ");
    write_sum(text, parts, 0, latex);
    caustic_text_append(text, " = ");
    write_sum(text, parts, 1, latex);
    string = json_string(text->data);
    caustic_text_clear(text);
    return string;
}

static int
all_have_equations(const parts_t parts)
{
    int answer = 1;

    for (slong f = 0; f < parts->length && answer; f++)
        answer = parts->part[f].has_equations;
    return answer;
}

/* The Hamilton-Jacobi equation of a torus of any size, in the coordinates y = log z. */
static json_t *
json_logarithmic(int latex)
{
    return json_string(latex
        ? "\\partial_t u + \\tfrac{1}{2} \\sum_{i,j} G_{ij} u_{y_i} u_{y_j} = \\nu \\sum_{i,j} G_{ij} u_{y_i y_j}, \\quad y_i = \\log z_i"
        : "u_t + sum_ij(G_ij*u_yi*u_yj)/2 = nu*sum_ij(G_ij*u_yi_yj), yi = log(zi)");
}

/* A quotient that is more than one written-out unit is described unit by unit. */
static void
set_units(json_t * record, const parts_t parts)
{
    const caustic_setting_struct * whole = parts->reduction->setting;
    json_t * units, * sum = json_object();
    int is_torus = parts->length == 1 && parts->part->reduction->is_torus;

    if (parts->reduction->factors == 0 && whole->copies == 1 && whole->spheres == 0 && parts->reduction->written_out)
    {
        json_decref(sum);
        return;
    }

    units = json_array();
    for (slong f = 0; f < parts->length; f++)
        json_array_append_new(units, json_unit(parts->part + f, whole));
    json_object_set_new(record, "units", units);

    if (all_have_equations(parts) || (is_torus && whole->copies == 1))
    {
        json_object_set_new(sum, "hamilton_jacobi", is_torus && !all_have_equations(parts) ? json_logarithmic(0) : json_sum(parts, 0));
        json_object_set_new(sum, "latex", is_torus && !all_have_equations(parts) ? json_logarithmic(1) : json_sum(parts, 1));
        json_object_set_new(record, "sum", sum);
    }
    else
        json_decref(sum);
}

/* The equations of the whole, in its own coordinates. */
static void
set_equations(json_t * record, json_t * latex, caustic_checks_t checks, const caustic_case_t problem, const parts_t parts)
{
    caustic_reduction_struct * reduction = parts->reduction;
    const caustic_setting_struct * setting = reduction->setting;
    int has_covariant = parts_lacking(parts) == NULL;
    caustic_equations_t equations;

    if (!reduction->written_out || setting->copies > 1 || setting->spheres > 0)
    {
        if (has_claims(problem))
            caustic_checks_add(checks, "claims", CAUSTIC_UNDECIDED,
                "the equations of the whole are not written out: there are %ld coordinates of %ld units",
                (long) setting->coordinates, (long) setting->copies);
        return;
    }

    caustic_equations_init(equations, setting->pool, setting->coordinate, setting->coordinates,
        reduction->cometric_expr, reduction->drift_expr, NULL);
    check_claims(checks, problem, reduction, equations);
    json_object_set_new(record, "equations", json_equations_text(equations, has_covariant));
    set_equations_latex(latex, equations);
    caustic_equations_clear(equations);
}

/* What could be the action ******************************************************************/

static json_t *
json_symmetry(const caustic_symmetry_struct * symmetry, const caustic_setting_struct * setting)
{
    json_t * object = json_object();

    json_object_set_new(object, "kind", json_string(caustic_symmetry_name(symmetry->kind)));
    json_object_set_new(object, caustic_symmetry_is_finite(symmetry->kind) ? "element" : "generator",
        json_expr_vector(setting->pool, symmetry->image, setting->parameters));
    return object;
}

static int
is_refuted(const caustic_checks_t checks, const char * name)
{
    for (slong i = 0; i < checks->length; i++)
        if (strcmp(checks->entries[i].name, name) == 0)
            return checks->entries[i].verdict == CAUSTIC_REFUTED;
    return 0;
}

/* Symmetries of the loss, where a case has no action, or one that does not keep the loss. */
static void
set_suggested(json_t * record, caustic_reduction_t reduction, const caustic_case_t problem)
{
    const caustic_setting_struct * setting = problem->setting;
    int has_action = problem->preset != NULL || setting->generators > 0 || setting->elements > 0;
    caustic_symmetries_t symmetries;
    json_t * suggested;

    if (setting->loss == CAUSTIC_NONE || (has_action && !(setting->loss_in_parameters && is_refuted(reduction->checks, "loss"))))
        return;

    suggested = json_array();
    caustic_symmetries_init(symmetries, setting->parameters);
    caustic_symmetries_find(symmetries, setting, problem->array, problem->arrays);
    for (slong i = 0; i < symmetries->length; i++)
        json_array_append_new(suggested, json_symmetry(symmetries->entries + i, setting));
    json_object_set_new(record, "suggested", suggested);
    caustic_symmetries_clear(symmetries);
}

/* The record ********************************************************************************/

static json_t *
json_dimension(const caustic_setting_struct * setting)
{
    json_t * dimension = json_object();
    slong sphere = 0;

    /* A sphere in polar coordinates: the radius is a parameter, the rest stands in the count. */
    for (slong i = 0; i < setting->spheres; i++)
        sphere += setting->sphere[i];

    json_object_set_new(dimension, "parameters", json_integer(setting->copies * (setting->parameters + sphere)));
    json_object_set_new(dimension, "group", json_integer(setting->copies * setting->generators));
    json_object_set_new(dimension, "quotient", json_integer(setting->copies * (setting->coordinates + sphere)));
    return dimension;
}

static json_t *
json_strings(char ** strings, slong length)
{
    json_t * array = json_array();

    for (slong i = 0; i < length; i++)
        json_array_append_new(array, json_string(strings[i]));
    return array;
}

/* Everything that follows from a reduction that is derived. */
static void
set_derived(json_t * record, caustic_reduction_t reduction, const caustic_case_t problem)
{
    const caustic_setting_struct * setting = reduction->setting;
    json_t * equations = json_object();
    json_t * latex = json_object();
    parts_t parts;

    parts_init(parts, reduction);
    parts_check_covariant(reduction->checks, parts);
    if (reduction->written_out && setting->copies == 1 && setting->spheres == 0)
        set_normal_form(record, reduction, problem);
    set_equations(equations, latex, reduction->checks, problem, parts);

    json_object_set_new(record, "checks", json_checks(reduction->checks));
    json_object_set_new(record, "assumptions", json_strings(reduction->assumptions, reduction->assumptions_length));
    set_geometry(record, latex, parts);
    set_units(record, parts);
    if (reduction->loss != CAUSTIC_NONE)
        set_tensor(record, latex, "loss", setting->pool, &reduction->loss, 0, 0);
    json_object_update(record, equations);
    json_object_set_new(record, "latex", latex);
    json_decref(equations);
    parts_clear(parts);
}

static void
set_not_derived(json_t * record, caustic_reduction_t reduction, const caustic_case_t problem)
{
    if (has_claims(problem))
        caustic_checks_add(reduction->checks, "claims", CAUSTIC_UNDECIDED,
            "nothing was derived that the claims could be compared with");

    json_object_set_new(record, "checks", json_checks(reduction->checks));
    json_object_set_new(record, "assumptions", json_strings(reduction->assumptions, reduction->assumptions_length));
}

json_t *
caustic_report_derive(const caustic_case_t problem, const caustic_run_options * options)
{
    const caustic_setting_struct * setting = problem->setting;
    json_t * record = record_new(problem);
    json_t * coordinates = json_array();
    caustic_reduction_t reduction;

    (void) options;
    caustic_reduction_init(reduction, setting);

    for (slong i = 0; i < setting->coordinates; i++)
        json_array_append_new(coordinates, json_string(caustic_expr_name(setting->pool, setting->coordinate[i])));
    if (problem->words != NULL)
        json_object_set_new(record, "setting", json_string(problem->words));
    json_object_set_new(record, "dimension", json_dimension(setting));
    json_object_set_new(record, "coordinates", coordinates);
    if (setting->coordinates <= CAUSTIC_WRITTEN_OUT)
        json_object_set_new(record, "invariants", json_expr_vector(setting->pool, setting->invariant, setting->coordinates));

    if (reduction->derived)
        set_derived(record, reduction, problem);
    else
        set_not_derived(record, reduction, problem);

    set_suggested(record, reduction, problem);
    record_conclude(record, caustic_checks_verdict(reduction->checks), problem, CAUSTIC_COMMAND_DERIVE);
    caustic_reduction_clear(reduction);
    return record;
}
