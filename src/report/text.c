/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include "report_internal.h"

void
write_verdict(caustic_text_t out, const char * verdict, int color)
{
    const char * code = "";

    if (color)
        code = strcmp(verdict, "PROVED") == 0 || strncmp(verdict, "HOLDS", 5) == 0 ? "\033[32m"
            : strcmp(verdict, "REFUTED") == 0 || strcmp(verdict, "FAILS") == 0 ? "\033[31m" : "\033[33m";

    caustic_text_printf(out, "%s%-9s%s", code, verdict, color ? "\033[0m" : "");
}

void
write_heading(caustic_text_t out, const json_t * record, int color)
{
    const json_t * as_expected = json_object_get(record, "as_expected");

    write_verdict(out, text_of(record, "verdict"), color);
    caustic_text_printf(out, "  %s", text_of(record, "case"));

    if (*text_of(record, "title") != '\0')
        caustic_text_printf(out, ": %s", text_of(record, "title"));
    if (as_expected != NULL && json_is_true(as_expected))
        caustic_text_append(out, " (as expected)");
    else if (as_expected != NULL)
        caustic_text_printf(out, " (expected %s)", text_of(record, "expected"));

    caustic_text_append(out, "\n");
}

/* Lines are at most this wide, except equations: those are for copying. */
#define WIDTH 100
#define LABEL 20
#define COORDINATES_LISTED 12

static void
indent(caustic_text_t out, size_t columns)
{
    for (; columns > 0; columns--)
        caustic_text_append(out, " ");
}

static void
write_padded(caustic_text_t out, const char * text, size_t width)
{
    caustic_text_append(out, text);
    indent(out, width > strlen(text) ? width - strlen(text) : 0);
}

/* Prose, broken between words where a line would be too wide; it begins at the given column, and so
   does each of its lines. Ends the line. */
static void
write_prose(caustic_text_t out, const char * text, size_t column)
{
    size_t used = column;

    while (*text != '\0')
    {
        size_t length = strcspn(text, " ");

        if (used > column && used + 1 + length > WIDTH)
        {
            caustic_text_append(out, "\n");
            indent(out, column);
            used = column;
        }
        else if (used > column)
        {
            caustic_text_append(out, " ");
            used++;
        }

        caustic_text_append_length(out, text, length);
        used += length;
        text += length;
        text += strspn(text, " ");
    }

    caustic_text_append(out, "\n");
}

void
write_label(caustic_text_t out, const char * label)
{
    indent(out, 4);
    write_padded(out, label, LABEL);
    caustic_text_append(out, " ");
}

/* Something to copy: on one line, however long. */
void
write_line(caustic_text_t out, const char * label, const char * text)
{
    if (*text == '\0')
        return;

    write_label(out, label);
    caustic_text_append(out, text);
    caustic_text_append(out, "\n");
}

/* Something to read. */
void
write_remark(caustic_text_t out, const char * label, const char * text)
{
    if (*text == '\0')
        return;

    write_label(out, label);
    write_prose(out, text, 4 + LABEL + 1);
}

/* The longest text at a key among the checks. */
static size_t
widest(const json_t * checks, const char * key)
{
    const json_t * check;
    size_t i, width = 0;

    json_array_foreach(checks, i, check)
        width = FLINT_MAX(width, strlen(text_of(check, key)));

    return width;
}

/* Verdict, name and reason of each identity. */
static void
write_identities(caustic_text_t out, const json_t * record, int color)
{
    const json_t * checks = json_object_get(record, "checks");
    const json_t * check;
    size_t width = widest(checks, "name"), i;

    json_array_foreach(checks, i, check)
    {
        indent(out, 4);
        write_verdict(out, text_of(check, "verdict"), color);
        caustic_text_append(out, " ");
        write_padded(out, text_of(check, "name"), width);
        caustic_text_append(out, "  ");
        write_prose(out, text_of(check, "detail"), 4 + 9 + 1 + width + 2);
    }
}

/* Verdict, name, viscosity and bound of each residual; the reason below, where it is a new one. */
static void
write_residuals(caustic_text_t out, const json_t * record, int color)
{
    const json_t * checks = json_object_get(record, "checks");
    const json_t * check;
    const char * before = "";
    size_t name_width = widest(checks, "name"), viscosity_width = widest(checks, "viscosity"), i;

    json_array_foreach(checks, i, check)
    {
        const char * bound = text_of(check, "bound");
        const char * detail = text_of(check, "detail");

        indent(out, 4);
        write_verdict(out, text_of(check, "verdict"), color);
        caustic_text_append(out, " ");
        write_padded(out, text_of(check, "name"), name_width);
        caustic_text_append(out, "  nu = ");
        write_padded(out, text_of(check, "viscosity"), *bound == '\0' ? 0 : viscosity_width);
        caustic_text_printf(out, "%s%s\n", *bound == '\0' ? "" : "  <= ", bound);

        indent(out, *detail == '\0' ? 0 : 14);
        if (strcmp(detail, before) == 0 && *detail != '\0')
            caustic_text_append(out, "as above\n");
        else if (*detail != '\0')
            write_prose(out, detail, 14);
        before = detail;
    }
}

/* A list of expressions on one line, a matrix as a list of rows. */
static void
write_value(caustic_text_t out, const json_t * value)
{
    const json_t * entry;
    size_t i;

    if (json_is_string(value))
        caustic_text_append(out, json_string_value(value));

    if (!json_is_array(value))
        return;

    caustic_text_append(out, "[");
    json_array_foreach(value, i, entry)
    {
        if (i > 0)
            caustic_text_append(out, ", ");
        write_value(out, entry);
    }
    caustic_text_append(out, "]");
}

/* One-dimensional lists and matrices read better without their brackets. */
static const json_t *
unwrapped(const json_t * value)
{
    while (json_is_array(value) && json_array_size(value) == 1)
        value = json_array_get(value, 0);

    return value;
}

static void
write_entry(caustic_text_t out, const char * label, const json_t * value)
{
    caustic_text_t text;

    caustic_text_init(text);
    write_value(text, unwrapped(value));
    write_line(out, label, text->data);
    caustic_text_clear(text);
}

static void
write_dimension(caustic_text_t out, const json_t * dimension)
{
    long parameters = (long) json_integer_value(json_object_get(dimension, "parameters"));

    write_label(out, "dimension");
    caustic_text_printf(out, "%ld %s, group of dimension %ld, quotient of dimension %ld\n", parameters,
        parameters == 1 ? "parameter" : "parameters",
        (long) json_integer_value(json_object_get(dimension, "group")),
        (long) json_integer_value(json_object_get(dimension, "quotient")));
}

static void
write_yes_or_no(caustic_text_t out, const char * label, const json_t * answer)
{
    if (json_is_boolean(answer))
        write_line(out, label, json_is_true(answer) ? "yes" : "no");
}

/* Cometric to curvature: of the whole, or of one unit. */
static void
write_quotient(caustic_text_t out, const json_t * quotient)
{
    write_entry(out, "cometric", json_object_get(quotient, "cometric"));
    write_entry(out, "drift", json_object_get(quotient, "drift"));
    write_entry(out, "weight gradient", json_object_get(quotient, "weight_gradient"));
    if (json_is_false(json_object_get(quotient, "weight_closed")))
        write_line(out, "", "not closed: the weight has no potential");
    if (strcmp(text_of(quotient, "weight_potential"), "0") != 0)
        write_line(out, "its potential", text_of(quotient, "weight_potential"));
    write_entry(out, "scalar curvature", json_object_get(quotient, "scalar_curvature"));
    write_yes_or_no(out, "flat", json_object_get(quotient, "flat"));
    if (json_is_false(json_object_get(quotient, "flat")) && *text_of(quotient, "constant_curvature") != '\0')
        write_line(out, "constant curvature", text_of(quotient, "constant_curvature"));
}

static void
write_equations(caustic_text_t out, const json_t * equations)
{
    const json_t * entry;
    size_t i;

    write_line(out, "Hamilton-Jacobi", text_of(equations, "hamilton_jacobi"));
    write_line(out, "heat", text_of(equations, "heat"));
    json_array_foreach(json_object_get(equations, "burgers"), i, entry)
        write_line(out, i == 0 ? "Burgers" : "", json_string_value(entry));
}

/* A long list of names as its first and its last. */
static void
write_names(caustic_text_t out, const json_t * names)
{
    size_t length = json_array_size(names);

    if (length <= 12)
        write_value(out, names);
    else
        caustic_text_printf(out, "[%s, ..., %s]", json_string_value(json_array_get(names, 0)),
            json_string_value(json_array_get(names, length - 1)));
}

/* "the unit sphere S^3 times the unit sphere S^5"; without spheres "a point". */
static void
write_factors(caustic_text_t text, const char * before, const json_t * spheres)
{
    const json_t * entry;
    size_t i;

    caustic_text_append(text, before);
    if (json_array_size(spheres) == 0)
        caustic_text_append(text, "a point");
    json_array_foreach(spheres, i, entry)
        caustic_text_printf(text, "%sthe unit sphere S^%ld", i == 0 ? "" : " times ", (long) json_integer_value(entry));
}

/* "3 equal units (z1, z2), (z3, z4), ..., modulo permutation, times S^3 each". */
static void
write_unit(caustic_text_t out, const json_t * unit)
{
    long copies = (long) json_integer_value(json_object_get(unit, "copies"));
    const json_t * coordinates = json_object_get(unit, "coordinates");
    const json_t * spheres = json_object_get(unit, "spheres");
    const json_t * entry;
    caustic_text_t text;
    size_t i;

    caustic_text_init(text);
    caustic_text_printf(text, copies == 1 ? "one" : "%ld equal ones", copies);
    if (json_array_size(json_array_get(coordinates, 0)) == 0)
    {
        write_factors(text, copies == 1 ? ", which is " : ", each of which is ", spheres);
        write_remark(out, "units", text->data);
        caustic_text_clear(text);
        return;
    }

    caustic_text_append(text, ", with coordinates ");
    json_array_foreach(coordinates, i, entry)
    {
        if (i == 4 && json_array_size(coordinates) > 5)
        {
            caustic_text_append(text, ", ...");
            break;
        }
        caustic_text_append(text, i > 0 ? ", " : "");
        write_names(text, entry);
    }
    if (json_array_size(coordinates) < (size_t) copies)
        caustic_text_append(text, " each");
    if (json_array_size(spheres) > 0)
        write_factors(text, ", times ", spheres);
    write_remark(out, "units", text->data);
    caustic_text_clear(text);

    write_quotient(out, unit);
    if (json_is_true(json_object_get(unit, "torus")) && json_object_get(unit, "cometric") == NULL)
        write_remark(out, "cometric", "G_ij z_i z_j with constants G = B diag(c) B^T from the exponents B of the invariants:"
            " constant in logarithmic coordinates");
}

/* A product unit by unit, anything else as it is. */
static void
write_whole(caustic_text_t out, const json_t * record)
{
    const json_t * units = json_object_get(record, "units");
    const json_t * unit;
    size_t i;

    if (units == NULL)
    {
        write_quotient(out, record);
        write_entry(out, "flat coordinate", json_object_get(json_object_get(record, "normal_form"), "map"));
        write_entry(out, "loss", json_object_get(record, "loss"));
        write_equations(out, json_object_get(record, "equations"));
        return;
    }

    json_array_foreach(units, i, unit)
    {
        write_unit(out, unit);
        if (json_array_size(json_array_get(json_object_get(unit, "coordinates"), 0)) > 0)
            write_equations(out, json_object_get(unit, "equations"));
    }
    write_entry(out, "loss", json_object_get(record, "loss"));
    write_line(out, "all together", text_of(json_object_get(record, "sum"), "hamilton_jacobi"));
    write_yes_or_no(out, "flat", json_object_get(record, "flat"));
}

/* "z1 = a*w1, z2 = a*w2": what the coordinates are, as far as a reader would read. */
static void
write_coordinates(caustic_text_t out, const json_t * names, const json_t * invariants)
{
    size_t length = json_array_size(names);
    caustic_text_t text;

    caustic_text_init(text);
    for (size_t i = 0; i < length; i++)
    {
        const char * name = json_string_value(json_array_get(names, i));
        const char * is = json_string_value(json_array_get(invariants, i));

        if (i > 0)
            caustic_text_append(text, ", ");
        if (i == COORDINATES_LISTED && length > COORDINATES_LISTED + 1)
        {
            caustic_text_printf(text, "..., %s", json_string_value(json_array_get(names, length - 1)));
            break;
        }
        caustic_text_append(text, name);
        if (is != NULL && strcmp(is, name) != 0)
            caustic_text_printf(text, " = %s", is);
    }
    write_remark(out, "coordinates", text->data);
    caustic_text_clear(text);
}

#define SUGGESTIONS_LISTED 24

/* ["-a", "w"]: as a case file has it. */
static void
write_row(caustic_text_t out, const json_t * row)
{
    const json_t * entry;
    size_t i;

    json_array_foreach(row, i, entry)
        caustic_text_printf(out, "%s\"%s\"", i == 0 ? "[" : ", ", json_string_value(entry));
    caustic_text_append(out, "]");
}

/* generators: [...] or elements: [...] of all suggestions that have the key; nothing where none has. */
static void
write_rows(caustic_text_t out, const char * label, const char * key, const json_t * suggested)
{
    const json_t * symmetry;
    size_t i, rows = 0;

    json_array_foreach(suggested, i, symmetry)
    {
        const json_t * row = json_object_get(symmetry, key);

        if (row == NULL)
            continue;
        caustic_text_append(out, rows > 0 ? ", " : out->length > 1 ? ", " : "");
        if (rows++ == 0)
            caustic_text_printf(out, "%s: [", label);
        write_row(out, row);
    }
    caustic_text_append(out, rows > 0 ? "]" : "");
}

/* The symmetries of the loss of a case that has no action: each by itself, and together as they can be pasted. */
static void
write_suggested(caustic_text_t out, const json_t * suggested)
{
    const json_t * symmetry;
    caustic_text_t text;
    size_t i;

    if (suggested == NULL)
        return;
    if (json_array_size(suggested) == 0)
    {
        write_remark(out, "suggested", "no rescaling, translation, other affine field, sign flip or permutation was found that keeps the loss");
        return;
    }
    caustic_text_init(text);
    json_array_foreach(suggested, i, symmetry)
    {
        const json_t * row = json_object_get(symmetry, "generator");

        if (i == SUGGESTIONS_LISTED)
        {
            caustic_text_printf(out, "                         ... and %ld more: in --format json\n", (long) (json_array_size(suggested) - i));
            break;
        }
        caustic_text_reset(text);
        caustic_text_printf(text, "%s ", text_of(symmetry, "kind"));
        write_row(text, row != NULL ? row : json_object_get(symmetry, "element"));
        write_line(out, i == 0 ? "keep the loss" : "", text->data);
    }
    caustic_text_reset(text);
    caustic_text_append(text, "{");
    write_rows(text, "generators", "generator", suggested);
    write_rows(text, "elements", "element", suggested);
    caustic_text_append(text, "}");
    write_line(out, "as an action", text->data);
    caustic_text_clear(text);
}

void
write_derive_text(caustic_text_t out, const json_t * record, int color)
{
    const json_t * dimension = json_object_get(record, "dimension");
    const json_t * entry;
    size_t i;

    write_heading(out, record, color);
    write_remark(out, "why", text_of(record, "detail"));
    write_remark(out, "setting", text_of(record, "setting"));
    if (dimension != NULL)
        write_dimension(out, dimension);
    write_coordinates(out, json_object_get(record, "coordinates"), json_object_get(record, "invariants"));
    write_whole(out, record);
    write_remark(out, "not derived", text_of(record, "not_derived"));
    write_identities(out, record, color);

    if (json_array_size(json_object_get(record, "assumptions")) > 0)
    {
        write_label(out, "assumed, not proved");
        json_array_foreach(json_object_get(record, "assumptions"), i, entry)
            caustic_text_printf(out, "%s%s", i > 0 ? ", " : "", json_string_value(entry));
        caustic_text_append(out, "\n");
    }
    write_suggested(out, json_object_get(record, "suggested"));
}

/* Equations this long are left to the JSON record. */
#define LINE_LIMIT 300

/* Something to copy that is not too long for it. */
static void
write_short_line(caustic_text_t out, const char * label, const char * text)
{
    if (strlen(text) > LINE_LIMIT)
        write_line(out, label, "too long for a line: in --format json");
    else
        write_line(out, label, text);
}

static void
write_short_entry(caustic_text_t out, const char * label, const json_t * value)
{
    caustic_text_t text;

    caustic_text_init(text);
    write_value(text, unwrapped(value));
    write_short_line(out, label, text->data);
    caustic_text_clear(text);
}

/* "T* = 1.69002589325771, at z = 0.0823658", or why there is none. */
static void
write_time(caustic_text_t out, const json_t * shock)
{
    const json_t * at = json_array_get(json_object_get(shock, "at"), 0);
    caustic_text_t text;

    caustic_text_init(text);
    if (strcmp(text_of(shock, "verdict"), "PROVED") != 0)
        caustic_text_printf(text, "%s: %s", text_of(shock, "verdict"), text_of(shock, "detail"));
    else if (json_is_false(json_object_get(shock, "shock")))
        caustic_text_printf(text, "none: %s", text_of(shock, "detail"));
    else
    {
        caustic_text_printf(text, "%s", text_of(json_object_get(shock, "time"), "ball"));
        if (at != NULL)
            caustic_text_printf(text, ", of the characteristic from %s = %s", text_of(at, "name"), text_of(at, "ball"));
        if (json_is_false(json_object_get(shock, "attained")))
            caustic_text_append(text, ", not attained");
    }
    if (*text_of(shock, "within_domain") != '\0')
        caustic_text_append(text, "; here K_c and the loss are continued by their formulas to the whole line: this characteristic"
            " is not seen to stay in the coordinate's own domain until then");
    write_remark(out, "  shock time", text->data);
    caustic_text_clear(text);
}

/* "on the leaf c1 = 1/10, c2 = 0: ", nothing where there are no values. */
static void
append_leaf(caustic_text_t text, const char * before, const json_t * values, const json_t * names, const char * after)
{
    const json_t * value;
    size_t i;

    json_array_foreach(values, i, value)
        caustic_text_printf(text, "%s%s = %s", i == 0 ? before : ", ", json_string_value(json_array_get(names, i)), json_string_value(value));
    if (json_array_size(values) > 0)
        caustic_text_append(text, after);
}

static void
write_geometry_label(caustic_text_t out, const json_t * geometry, const json_t * record)
{
    caustic_text_t text;

    caustic_text_init(text);
    caustic_text_append(text, strcmp(text_of(geometry, "name"), "quotient") == 0 ? "the case's own metric" : "training's metric");
    append_leaf(text, " on the leaf ", json_object_get(geometry, "charges"), json_object_get(record, "charge_values"), "");
    write_line(out, "geometry", text->data);
    caustic_text_clear(text);
}

/* The quotient's equation and shock time beside training's own. */
static void
write_geometries(caustic_text_t out, const json_t * record)
{
    const json_t * geometry, * shock;
    size_t i;

    json_array_foreach(json_object_get(record, "geometries"), i, geometry)
    {
        if (*text_of(geometry, "focusing") != '\0')
        {
            caustic_text_t text;

            caustic_text_init(text);
            caustic_text_printf(text, "characteristics focus where %s < 0", text_of(geometry, "focusing"));
            if (*text_of(geometry, "threshold") != '\0')
                caustic_text_printf(text, ": with the coordinate on the whole line, somewhere iff %s > 0", text_of(geometry, "threshold"));
            write_remark(out, "on every leaf", text->data);
            caustic_text_clear(text);
            continue;
        }
        write_geometry_label(out, geometry, record);
        write_remark(out, "", text_of(geometry, "detail"));
        write_short_line(out, "  in the coordinate", text_of(geometry, "coordinate"));
        write_short_line(out, "  which gives z", text_of(geometry, "z_of_coordinate"));
        write_short_line(out, "  Hamilton-Jacobi", text_of(json_object_get(geometry, "equations"), "hamilton_jacobi"));
        shock = json_object_get(geometry, "shock");
        if (shock != NULL)
            write_time(out, shock);
    }
}

/* K_c by the squares of parameters that solve equations. */
static void
write_implicit(caustic_text_t out, const json_t * leaf)
{
    const json_t * equation;
    size_t i;

    if (leaf == NULL)
        return;
    write_short_entry(out, "K_c, implicitly", json_object_get(leaf, "cometric"));
    json_array_foreach(json_object_get(leaf, "equations"), i, equation)
        write_short_line(out, i == 0 ? "where" : "", json_string_value(equation));
    write_line(out, "balanced, c = 0", text_of(leaf, "balanced"));
}

/* Status, claim, what it rests on and is conditional on, and why. */
static void
write_chain(caustic_text_t out, const json_t * chain, const json_t * names)
{
    const json_t * link, * entry;
    size_t i, k, width = widest(chain, "claim");
    caustic_text_t text;

    caustic_text_init(text);
    json_array_foreach(chain, i, link)
    {
        caustic_text_reset(text);
        json_array_foreach(json_object_get(link, "rests_on"), k, entry)
            caustic_text_printf(text, "%s%s", k == 0 ? "rests on " : ", ", json_string_value(entry));
        caustic_text_append(text, text->length > 0 ? ": " : "");
        append_leaf(text, "on the leaf ", json_object_get(link, "charges"), names, ": ");
        caustic_text_append(text, text_of(link, "detail"));
        json_array_foreach(json_object_get(link, "conditional_on"), k, entry)
            caustic_text_printf(text, "%s%s", k == 0 ? "; conditional on: " : ", ", json_string_value(entry));
        indent(out, 4);
        write_padded(out, text_of(link, "status"), 11);
        caustic_text_append(out, " ");
        write_padded(out, text_of(link, "claim"), width);
        caustic_text_append(out, "  ");
        write_prose(out, text->data, 4 + 11 + 1 + width + 2);
    }
    caustic_text_clear(text);
}

void
write_audit_text(caustic_text_t out, const json_t * record, int color)
{
    const json_t * conserved = json_object_get(record, "conserved");
    const json_t * entry;
    size_t i;

    write_heading(out, record, color);
    if (json_is_integer(conserved))
    {
        write_label(out, "conserved");
        caustic_text_printf(out, "%ld\n", (long) json_integer_value(conserved));
    }
    json_array_foreach(json_object_get(record, "charges"), i, entry)
        write_line(out, i == 0 ? "charges" : "", json_string_value(entry));
    write_short_entry(out, "K on the quotient", json_object_get(record, "cometric"));
    write_short_entry(out, "  on the spheres", json_object_get(record, "sphere_factors"));
    write_short_entry(out, "K_c on a leaf", json_object_get(record, "leaf_cometric"));
    write_short_entry(out, "  on the spheres", json_object_get(record, "leaf_sphere_factors"));
    write_implicit(out, json_object_get(record, "leaf_implicit"));
    write_short_line(out, "training, no noise", text_of(json_object_get(record, "equations"), "hamilton_jacobi"));
    json_array_foreach(json_object_get(json_object_get(record, "equations"), "burgers"), i, entry)
        if (strlen(json_string_value(entry)) <= LINE_LIMIT)
            write_line(out, "", json_string_value(entry));
    write_geometries(out, record);
    caustic_text_append(out, "    which claim rests on what\n");
    write_chain(out, json_object_get(record, "chain"), json_object_get(record, "charge_values"));
    caustic_text_append(out, "    what the audit asks of training\n");
    write_identities(out, record, color);
}

void
write_verify_text(caustic_text_t out, const json_t * record, int color)
{
    const json_t * altered = json_object_get(record, "altered");
    long tried = (long) json_integer_value(json_object_get(altered, "tried"));

    write_heading(out, record, color);
    write_remark(out, "why", text_of(record, "detail"));
    write_residuals(out, record, color);

    if (tried > 0)
        caustic_text_printf(out, "    %ld of %ld altered equations refuted\n",
            (long) json_integer_value(json_object_get(altered, "refuted")), tried);
}

/* "curvature (no focal time), characteristics (no result)". */
static void
write_routes(caustic_text_t out, const json_t * routes)
{
    const json_t * route;
    size_t i;

    if (json_array_size(routes) == 0)
        return;

    write_label(out, json_array_size(routes) == 1 ? "route" : "routes");
    json_array_foreach(routes, i, route)
        caustic_text_printf(out, "%s%s%s", i == 0 ? "" : ", ", text_of(route, "name"),
            json_is_true(json_object_get(route, "none")) ? " (no focal time)" : json_object_get(route, "lower") == NULL ? " (no result)" : "");
    caustic_text_append(out, "\n");
}

/* The least and the largest T* of the enclosures. */
static void
write_enclosures(caustic_text_t out, const json_t * pieces)
{
    size_t length = json_array_size(pieces), i, none = 0;
    const json_t * first = json_array_get(pieces, 0), * last = json_array_get(pieces, length - 1), * piece;
    caustic_text_t text;

    if (length == 0)
        return;
    json_array_foreach(pieces, i, piece)
        none += json_is_false(json_object_get(piece, "shock"));
    caustic_text_init(text);
    caustic_text_printf(text, "enclosed on %lu pieces (--format json lists them)", (unsigned long) length);
    if (*text_of(first, "upper") != '\0')
        caustic_text_printf(text, ", from [%s, %s]", text_of(first, "lower"), text_of(first, "upper"));
    if (*text_of(last, "upper") != '\0')
        caustic_text_printf(text, " to [%s, %s]", text_of(last, "lower"), text_of(last, "upper"));
    if (none > 0)
        caustic_text_printf(text, "; no shock on %lu of them", (unsigned long) none);
    write_remark(out, "T*", text->data);
    caustic_text_clear(text);
}

/* "at c = 0, where ...: T* -> 1, exactly". */
static void
write_left_out(caustic_text_t out, const json_t * left_out)
{
    const json_t * value, * limit;
    caustic_text_t label, text;
    size_t i, j;

    caustic_text_init(label);
    caustic_text_init(text);
    json_array_foreach(left_out, i, value)
    {
        caustic_text_reset(label);
        caustic_text_printf(label, "at %s = %s", text_of(value, "name"), text_of(value, "value"));
        caustic_text_reset(text);
        json_array_foreach(json_object_get(value, "limits"), j, limit)
            caustic_text_printf(text, "%sfrom %s %s", j > 0 ? "; " : "", text_of(limit, "from"), text_of(limit, "detail"));
        caustic_text_printf(text, " (%s)", text_of(value, "why"));
        write_remark(out, label->data, text->data);
    }
    caustic_text_clear(label);
    caustic_text_clear(text);
}

/* "for all y in [1, 3]" and a line a statement. */
static void
write_theorem(caustic_text_t out, const json_t * theorem, int color)
{
    const json_t * parameter, * check;
    caustic_text_t text;
    size_t i;

    if (theorem == NULL)
        return;
    caustic_text_init(text);
    json_array_foreach(json_object_get(theorem, "parameters"), i, parameter)
        caustic_text_printf(text, "%s%s in %s", i > 0 ? ", " : "", text_of(parameter, "name"), text_of(parameter, "interval"));
    write_label(out, "for all");
    caustic_text_printf(out, "%s: ", text->data);
    write_verdict(out, text_of(theorem, "verdict"), color);
    caustic_text_append(out, "\n");
    json_array_foreach(json_object_get(theorem, "checks"), i, check)
    {
        caustic_text_reset(text);
        caustic_text_printf(text, "%s, %s", text_of(check, "verdict"), text_of(check, "detail"));
        write_remark(out, text_of(check, "name"), text->data);
    }
    write_left_out(out, json_object_get(theorem, "left_out"));
    write_enclosures(out, json_object_get(theorem, "enclosures"));
    write_remark(out, "why", text_of(theorem, "detail"));
    caustic_text_clear(text);
}

/* "T* = 4/y^2: PROVED, equal to T*, by algebra". */
static void
write_claim(caustic_text_t out, const json_t * claim)
{
    const char * formula = text_of(claim, "formula");
    caustic_text_t text;

    if (claim == NULL)
        return;

    caustic_text_init(text);
    if (strcmp(formula, "none") == 0)
        caustic_text_append(text, "no shock");
    else if (*formula == '\0')
        caustic_text_append(text, "the place");
    else
        caustic_text_printf(text, "T* = %s", formula);
    caustic_text_printf(text, ": %s", text_of(claim, "verdict"));
    if (*text_of(claim, "detail") != '\0')
        caustic_text_printf(text, ", %s", text_of(claim, "detail"));
    write_remark(out, "claim", text->data);
    caustic_text_clear(text);
}

/* What the shock time of a box was computed from, where that is a formula. */
static const char *
formula_of(const json_t * record)
{
    const char * method = text_of(record, "method");

    if (strcmp(method, "parallel curvature") == 0)
        return "(the form is sqrt(R) cot(t sqrt(R)) + Hess l, R = R(., v)v, v = grad l; T* is when it ceases to be positive)";
    if (strcmp(method, "curvature nowhere positive") == 0)
        return "(|J|^2 is convex in t for each Jacobi field J, and at first it does not decrease)";
    return json_array_size(json_object_get(record, "coordinates")) > 1
        ? "(the Hessian is the covariant one of the loss; T* = -1/inf of its smallest eigenvalue)"
        : "(h = g l'' + g' l'/2 for the cometric g and the loss l; T* = -1/inf h)";
}

static void
write_bracket(caustic_text_t out, const json_t * bracket)
{
    if (bracket == NULL)
        return;
    write_label(out, "bracket");
    if (json_object_get(bracket, "lower") != NULL)
        caustic_text_printf(out, "%s <= ", text_of(bracket, "lower"));
    caustic_text_append(out, "T*");
    if (json_object_get(bracket, "upper") != NULL)
        caustic_text_printf(out, " <= %s", text_of(bracket, "upper"));
    caustic_text_append(out, "\n");
}

void
write_shock_text(caustic_text_t out, const json_t * record, int color)
{
    const json_t * time = json_object_get(record, "time");
    const json_t * shock = json_object_get(record, "shock");
    const json_t * minimisers = json_object_get(record, "minimisers");
    const json_t * entry;
    size_t i;

    write_heading(out, record, color);

    if (json_is_false(shock))
        write_line(out, "shock", strcmp(text_of(record, "scope"), "ray") == 0 ? "none: the characteristic does not focus"
            : "none: no characteristic focuses");
    if (time != NULL && (json_is_true(shock) || json_object_get(record, "bracket") == NULL))
        write_line(out, json_is_true(shock) ? "T*" : "T* within", text_of(time, "ball"));
    if (json_is_false(json_object_get(record, "attained")))
        write_line(out, "", "an infimum that no characteristic attains");
    json_array_foreach(json_object_get(record, "at"), i, entry)
    {
        write_label(out, i == 0 ? "at" : "");
        caustic_text_printf(out, "%s = %s\n", text_of(entry, "name"), text_of(entry, "ball"));
    }
    json_array_foreach(json_object_get(record, "from"), i, entry)
    {
        write_label(out, i == 0 ? "from" : "");
        caustic_text_printf(out, "%s = %s\n", text_of(entry, "name"), text_of(entry, "value"));
    }
    if (json_is_integer(minimisers))
    {
        write_label(out, "at");
        caustic_text_printf(out, "%ld places\n", (long) json_integer_value(minimisers));
    }
    else if (json_is_string(minimisers))
    {
        write_label(out, "at");
        caustic_text_printf(out, "%s places\n", json_string_value(minimisers));
    }
    write_bracket(out, json_object_get(record, "bracket"));
    write_line(out, "scope", text_of(record, "scope"));
    write_routes(out, json_object_get(record, "routes"));
    write_claim(out, json_object_get(record, "claim"));
    write_theorem(out, json_object_get(record, "theorem"), color);
    write_remark(out, shock == NULL ? "why" : "how", text_of(record, "detail"));
    if (shock != NULL && strcmp(text_of(record, "scope"), "ray") != 0 && strstr(text_of(record, "method"), "characteristics") == NULL)
        write_line(out, "", formula_of(record));
    write_front_text(out, record);
}

int
caustic_report_has_format(caustic_command command, caustic_format format)
{
    switch (format)
    {
        case CAUSTIC_FORMAT_TEXT:
        case CAUSTIC_FORMAT_JSON:
            return 1;
        case CAUSTIC_FORMAT_LATEX:
            return command == CAUSTIC_COMMAND_DERIVE || command == CAUSTIC_COMMAND_TABLE;
        case CAUSTIC_FORMAT_MARKDOWN:
        case CAUSTIC_FORMAT_CSV:
            return command == CAUSTIC_COMMAND_TABLE || (command == CAUSTIC_COMMAND_SWEEP && format == CAUSTIC_FORMAT_CSV);
    }

    return 0;
}

static void
write_json(caustic_text_t out, const json_t * records)
{
    char * text = json_dumps(records, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

    if (text == NULL)
        flint_throw(FLINT_ERROR, "caustic_report_write: the records could not be written as JSON\n");

    caustic_text_append(out, text);
    caustic_text_append(out, "\n");
    free(text);
}

void
caustic_report_write(caustic_text_t out, const json_t * records, caustic_command command,
    caustic_format format, int color)
{
    const json_t * record;
    size_t i;

    if (format == CAUSTIC_FORMAT_JSON)
    {
        write_json(out, records);
        return;
    }

    if (command == CAUSTIC_COMMAND_TABLE)
    {
        write_table(out, records, format, color);
        return;
    }

    if (command == CAUSTIC_COMMAND_DERIVE && format == CAUSTIC_FORMAT_LATEX)
    {
        write_derive_latex(out, records);
        return;
    }

    json_array_foreach(records, i, record)
    {
        if (i > 0)
            caustic_text_append(out, "\n");

        if (command == CAUSTIC_COMMAND_AUDIT)
            write_audit_text(out, record, color);
        else if (command == CAUSTIC_COMMAND_VERIFY)
            write_verify_text(out, record, color);
        else if (command == CAUSTIC_COMMAND_SWEEP && format == CAUSTIC_FORMAT_CSV)
            write_sweep_csv(out, record);
        else if (command == CAUSTIC_COMMAND_SWEEP)
            write_sweep_text(out, record, color);
        else if (command == CAUSTIC_COMMAND_SHOCK)
            write_shock_text(out, record, color);
        else
            write_derive_text(out, record, color);
    }
}
