/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    product_form: proves that parameter space is a product of lines, punctured planes and punctured spaces, that the group
    translates its flat coordinates, and that the quotient's flat coordinates are isometric there. All of it is read off the
    metric and the action; nothing is taken from names.
*/

#include <stdio.h>
#include <string.h>
#include <caustic/geometry.h>
#include "identity.h"
#include "product_form.h"

#define PREC 128
#define BRANCH_CELLS 4096

/* Small steps in the field *******************************************************************/

static gr_ctx_struct *
upstairs(const product_form_t form)
{
    return (gr_ctx_struct *) form->reduction->upstairs;
}

/* The constant that e, a function of the parameters, is, without symbols; CAUSTIC_NONE where that is not proved. */
static caustic_expr
constant_of(const product_form_t form, caustic_expr e)
{
    gr_ctx_struct * ctx = upstairs(form);
    caustic_expr value = CAUSTIC_NONE;
    gr_ptr x, y;
    int constant;

    GR_TMP_INIT2(x, y, ctx);
    constant = e != CAUSTIC_NONE && caustic_field_set_expr(x, e, ctx) == GR_SUCCESS;
    for (slong k = 0; k < form->parameters && constant; k++)
        constant = caustic_field_derivative(y, x, k, ctx) == GR_SUCCESS && caustic_field_is_zero(y, NULL, ctx) == T_TRUE;
    if (constant)
        value = caustic_field_get_expr(x, ctx);
    for (slong k = 0; k < form->parameters && value != CAUSTIC_NONE; k++)
        if (caustic_expr_depends(form->pool, value, form->reduction->setting->parameter[k]))
            value = CAUSTIC_NONE;
    GR_TMP_CLEAR2(x, y, ctx);
    return value;
}

/* Whether a constant is certainly positive (1), certainly 0 (0), or neither (-1). */
static int
sign_of_constant(const product_form_t form, caustic_expr e)
{
    caustic_tape * tape = e == CAUSTIC_NONE ? NULL : caustic_tape_new(form->pool, &e, 1, NULL, 0);
    arb_t value;
    int sign = -1;

    arb_init(value);
    if (tape != NULL)
    {
        caustic_tape_evaluate_arb(value, tape, NULL, PREC);
        sign = arb_is_positive(value) ? 1 : vanishes_identically(e, upstairs(form)) ? 0 : -1;
    }
    arb_clear(value);
    caustic_tape_free(tape);
    return sign;
}

static caustic_expr
square(caustic_pool * pool, caustic_expr e)
{
    return caustic_power_si(pool, e, 2);
}

/* Factors ************************************************************************************/

/* The parameter i of a factor. */
static caustic_expr
weight(const product_form_t form, const factor_struct * factor, slong i)
{
    return form->reduction->setting->parameter[factor->parameter[i]];
}

/* |w|^2 */
static caustic_expr
square_length(const product_form_t form, const factor_struct * factor)
{
    caustic_expr sum = caustic_integer(form->pool, 0);

    for (slong i = 0; i < factor->size; i++)
        sum = caustic_add(form->pool, sum, square(form->pool, weight(form, factor, i)));
    return sum;
}

/* Parameters that the metric ties together: an entry A_ab, or one that depends on both. component[a] is the smallest
   one tied to a. */
static void
components(slong * component, const product_form_t form)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    slong n = form->parameters;
    caustic_expr zero = caustic_integer(form->pool, 0);

    for (slong a = 0; a < n; a++)
        component[a] = a;
    for (slong a = 0; a < n; a++)
        for (slong b = 0; b < n; b++)
        {
            int tied = setting->inverse_metric[a * n + b] != zero;

            for (slong c = 0; c < n && !tied; c++)
                tied = caustic_expr_depends(form->pool, setting->inverse_metric[a * n + c], setting->parameter[b]);
            if (tied && component[a] != component[b])
            {
                slong from = FLINT_MAX(component[a], component[b]), to = FLINT_MIN(component[a], component[b]);

                for (slong c = 0; c < n; c++)
                    if (component[c] == from)
                        component[c] = to;
            }
        }
}

static void
list_factors(product_form_t form)
{
    slong n = form->parameters;
    slong * component = flint_malloc((size_t) n * sizeof(slong));

    components(component, form);
    for (slong a = 0; a < n; a++)
    {
        factor_struct * factor = form->factor + form->factors;

        if (component[a] != a)
            continue;
        factor->parameter = flint_malloc((size_t) n * sizeof(slong));
        for (slong b = a; b < n; b++)
            if (component[b] == a)
                factor->parameter[factor->size++] = b;
        factor->first = form->length;
        form->length += factor->size == 2 ? 2 : 1;
        form->spheres += factor->size > 2;
        form->factors++;
    }
    flint_free(component);
}

/* A line: x(w) with A x'^2 = 1, Laplace x = 0, onto R. */
static int
set_line(product_form_t form, caustic_text_t why, const factor_struct * factor, caustic_expr drift)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    slong n = form->parameters, a = factor->parameter[0], b = factor->first;
    caustic_flattening_t flat;
    int found;

    caustic_flattening_init(flat);
    found = caustic_flatten(flat, form->pool, setting->parameter[a], setting->parameter_domain + a,
            setting->inverse_metric[a * n + a], drift, CAUSTIC_NONE) == CAUSTIC_OK
        && caustic_checks_verdict(flat->checks) == CAUSTIC_PROVED && flat->onto && flat->driftless && flat->inverse != CAUSTIC_NONE;
    if (found)
    {
        form->place[b] = flat->map;
        form->curve[a] = caustic_substitute(form->pool, flat->inverse, &flat->s, form->x + b, 1);
        form->field[b * n + a] = caustic_power_si(form->pool, caustic_derivative(form->pool, flat->map, setting->parameter[a]), -1);
    }
    else
        caustic_text_printf(why, "the parameter %s is not seen to run through a whole line in a flat coordinate",
            caustic_expr_name(form->pool, setting->parameter[a]));
    caustic_flattening_clear(flat);
    return found;
}

/* [HEAT-30] A = (c^2 - k^2) w w^T + k^2 |w|^2 I with the drift (c^2 - (n - 1) k^2) w: c and k are read off at w = (1, 0, ...). */
static int
is_radial(product_form_t form, factor_struct * factor, const caustic_expr * drift)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    caustic_pool * pool = form->pool;
    slong n = form->parameters, size = factor->size;
    caustic_expr * symbols = flint_malloc((size_t) (2 * size) * sizeof(caustic_expr)), * corner = symbols + size;
    caustic_expr along, across, length = square_length(form, factor);
    int answer = 1;

    for (slong i = 0; i < size; i++)
    {
        symbols[i] = weight(form, factor, i);
        corner[i] = caustic_integer(pool, i == 0);
        answer = answer && setting->parameter_domain[factor->parameter[i]].lower_infinite
            && setting->parameter_domain[factor->parameter[i]].upper_infinite;
    }
    along = setting->inverse_metric[factor->parameter[0] * n + factor->parameter[0]];
    across = setting->inverse_metric[factor->parameter[1] * n + factor->parameter[1]];
    along = constant_of(form, caustic_substitute(pool, along, symbols, corner, size));
    across = constant_of(form, caustic_substitute(pool, across, symbols, corner, size));
    answer = answer && sign_of_constant(form, along) == 1 && sign_of_constant(form, across) == 1;
    for (slong i = 0; i < size && answer; i++)
    {
        caustic_expr slope = caustic_sub(pool, along, caustic_mul(pool, caustic_integer(pool, size - 1), across));

        answer = vanishes_identically(caustic_sub(pool, drift[factor->parameter[i]], caustic_mul(pool, slope, symbols[i])), upstairs(form));
        for (slong j = 0; j < size && answer; j++)
        {
            caustic_expr entry = caustic_mul(pool, caustic_sub(pool, along, across), caustic_mul(pool, symbols[i], symbols[j]));

            if (i == j)
                entry = caustic_add(pool, entry, caustic_mul(pool, across, length));
            answer = vanishes_identically(caustic_sub(pool, setting->inverse_metric[factor->parameter[i] * n + factor->parameter[j]], entry),
                upstairs(form));
        }
    }
    factor->radial = caustic_sqrt(pool, along);
    factor->angular = caustic_sqrt(pool, across);
    factor->rate = across;
    flint_free(symbols);
    return answer && factor->radial != CAUSTIC_NONE && factor->angular != CAUSTIC_NONE;
}

/* The angle of w in (-pi, pi), or turned in (0, 2 pi), over k: 2 atan(w2/(w1 + |w|))/k, (pi + 2 atan(w2/(w1 - |w|)))/k. */
static caustic_expr
angle_of(const product_form_t form, const factor_struct * factor)
{
    caustic_pool * pool = form->pool;
    caustic_expr length = caustic_sqrt(pool, square_length(form, factor)), angle;

    angle = caustic_add(pool, weight(form, factor, 0), factor->turned ? caustic_neg(pool, length) : length);
    angle = caustic_function(pool, CAUSTIC_OP_ATAN, caustic_div(pool, weight(form, factor, 1), angle));
    angle = caustic_mul(pool, caustic_integer(pool, 2), angle);
    if (factor->turned)
        angle = caustic_add(pool, caustic_pi(pool), angle);
    return caustic_div(pool, angle, factor->angular);
}

/* x = log|w|/c, and for n = 2 the angle: w = exp(c x) (cos k y, sin k y), d/dx = c w, d/dy = k J w. For n > 2 the curve is that
   of the length alone; directions are added by the loss. */
static int
set_radial(product_form_t form, caustic_text_t why, factor_struct * factor, const caustic_expr * drift)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    caustic_pool * pool = form->pool;
    slong n = form->parameters, b = factor->first;
    caustic_expr length, two = caustic_integer(pool, 2);

    if (!is_radial(form, factor, drift))
    {
        caustic_text_printf(why, "the metric of %s and the parameters that it is tied to is not that of a line times a sphere"
            " ((c^2 - k^2) w w^T + k^2 |w|^2 I, each w on the whole line)", caustic_expr_name(pool, setting->parameter[factor->parameter[0]]));
        return 0;
    }
    form->place[b] = caustic_div(pool, caustic_function(pool, CAUSTIC_OP_LOG, square_length(form, factor)),
        caustic_mul(pool, two, factor->radial));
    length = caustic_function(pool, CAUSTIC_OP_EXP, caustic_mul(pool, factor->radial, form->x[b]));
    for (slong i = 0; i < factor->size; i++)
    {
        form->field[b * n + factor->parameter[i]] = caustic_mul(pool, factor->radial, weight(form, factor, i));
        form->curve[factor->parameter[i]] = length;
    }
    if (factor->size == 2)
    {
        caustic_expr angle = caustic_mul(pool, factor->angular, form->x[b + 1]);

        form->place[b + 1] = angle_of(form, factor);
        form->field[(b + 1) * n + factor->parameter[0]] = caustic_neg(pool, caustic_mul(pool, factor->angular, weight(form, factor, 1)));
        form->field[(b + 1) * n + factor->parameter[1]] = caustic_mul(pool, factor->angular, weight(form, factor, 0));
        form->curve[factor->parameter[0]] = caustic_mul(pool, length, caustic_function(pool, CAUSTIC_OP_COS, angle));
        form->curve[factor->parameter[1]] = caustic_mul(pool, length, caustic_function(pool, CAUSTIC_OP_SIN, angle));
    }
    return 1;
}

/* The drift of A, which needs no group. */
static int
set_factors(product_form_t form, caustic_text_t why)
{
    caustic_setting_t trivial;
    caustic_reduction_t parameters;
    int found;

    trivial_setting(trivial, form->reduction->setting);
    caustic_reduction_init(parameters, trivial);
    found = parameters->written_out && parameters->derived;
    if (!found)
        caustic_text_append(why, "the Laplacian of parameter space was not derived");
    for (slong i = 0; i < form->factors && found; i++)
    {
        factor_struct * factor = form->factor + i;

        found = factor->size == 1 ? set_line(form, why, factor, parameters->drift_expr[factor->parameter[0]])
            : set_radial(form, why, factor, parameters->drift_expr);
    }
    caustic_reduction_clear(parameters);
    caustic_setting_clear(trivial);
    return found;
}

/* The stratum ********************************************************************************/

/* sum_a field_a d_a p */
static caustic_expr
along(const product_form_t form, const caustic_expr * field, caustic_expr p)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    caustic_expr sum = caustic_integer(form->pool, 0);

    for (slong a = 0; a < form->parameters; a++)
        sum = caustic_add(form->pool, sum, caustic_mul(form->pool, field[a], caustic_derivative(form->pool, p, setting->parameter[a])));
    return sum;
}

/* [HEAT-31] Every translation and every rotation multiplies p by a constant. */
static int
is_multiplied(const product_form_t form, caustic_expr p)
{
    slong n = form->parameters;
    caustic_pool * pool = form->pool;
    caustic_expr * rotation = flint_malloc((size_t) n * sizeof(caustic_expr));
    int answer = 1;

    for (slong b = 0; b < form->length && answer; b++)
        answer = constant_of(form, caustic_div(pool, along(form, form->field + b * n, p), p)) != CAUSTIC_NONE;
    for (slong f = 0; f < form->factors && answer; f++)
        for (slong i = 0; i < form->factor[f].size && form->factor[f].size > 2 && answer; i++)
            for (slong j = 0; j < i && answer; j++)
            {
                const factor_struct * factor = form->factor + f;

                for (slong a = 0; a < n; a++)
                    rotation[a] = caustic_integer(pool, 0);
                rotation[factor->parameter[i]] = weight(form, factor, j);
                rotation[factor->parameter[j]] = caustic_neg(pool, weight(form, factor, i));
                answer = constant_of(form, caustic_div(pool, along(form, rotation, p), p)) != CAUSTIC_NONE;
            }
    flint_free(rotation);
    return answer;
}

/* p at x = 0, with the directions (1, 0, ...), is certainly not 0. */
static int
is_nonzero_at_origin(const product_form_t form, caustic_expr p)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    slong n = form->parameters;
    caustic_expr * origin = flint_malloc((size_t) (n + form->length) * sizeof(caustic_expr)), * zeros = origin + n;
    caustic_tape * tape;
    arb_t value;
    int nonzero = 0;

    arb_init(value);
    for (slong b = 0; b < form->length; b++)
        zeros[b] = caustic_integer(form->pool, 0);
    for (slong a = 0; a < n; a++)
        origin[a] = caustic_substitute(form->pool, form->curve[a], form->x, zeros, form->length);
    for (slong f = 0; f < form->factors; f++)
        for (slong i = 1; i < form->factor[f].size; i++)
            origin[form->factor[f].parameter[i]] = caustic_integer(form->pool, 0);
    p = caustic_substitute(form->pool, p, setting->parameter, origin, n);
    tape = p == CAUSTIC_NONE ? NULL : caustic_tape_new(form->pool, &p, 1, NULL, 0);
    if (tape != NULL)
    {
        caustic_tape_evaluate_arb(value, tape, NULL, PREC);
        nonzero = arb_is_finite(value) && !arb_contains_zero(value);
    }
    caustic_tape_free(tape);
    arb_clear(value);
    flint_free(origin);
    return nonzero;
}

/* Whether p has one sign along the section, on the whole domain of the quotient's chart. */
static int
is_at_the_end(const product_form_t form, caustic_expr p)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    gr_ctx_struct * ctx = (gr_ctx_struct *) form->reduction->downstairs;
    caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;
    gr_ptr x;

    GR_TMP_INIT(x, ctx);
    p = caustic_substitute(form->pool, p, setting->parameter, setting->section, form->parameters);
    if (p != CAUSTIC_NONE && caustic_field_set_expr(x, p, ctx) == GR_SUCCESS)
        sign = caustic_field_sign(x, ctx);
    GR_TMP_CLEAR(x, ctx);
    return sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE;
}

/* det(g) at the invariants, as an element of `upstairs`; 0 where it is not known there. */
static int
set_determinant(gr_ptr res, const product_form_t form)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    gr_ctx_struct * ctx = upstairs(form);
    slong d = setting->coordinates;
    gr_mat_t matrix;
    int found = 1;

    gr_mat_init(matrix, d, d, ctx);
    for (slong i = 0; i < d * d && found; i++)
    {
        caustic_expr e = caustic_substitute(form->pool, form->reduction->cometric_expr[i], setting->coordinate, setting->invariant, d);

        found = e != CAUSTIC_NONE && caustic_field_set_expr(gr_mat_entry_ptr(matrix, i / d, i % d, ctx), e, ctx) == GR_SUCCESS;
    }
    found = found && gr_mat_det_berkowitz(res, matrix, ctx) == GR_SUCCESS;
    gr_mat_clear(matrix, ctx);
    return found;
}

/* Whether det(g) at the invariants is p times a smooth function: where p = 0 the coordinates are no coordinates. */
static int
is_singular_at(const product_form_t form, caustic_expr p, const caustic_expr * nonzero, slong length)
{
    gr_ctx_struct * ctx = upstairs(form);
    caustic_text_t ignored;
    gr_ptr x, y;
    int answer;

    caustic_text_init(ignored);
    GR_TMP_INIT2(x, y, ctx);
    answer = caustic_field_set_expr(y, p, ctx) == GR_SUCCESS && set_determinant(x, form) && gr_div(x, x, y, ctx) == GR_SUCCESS
        && caustic_field_is_smooth(ignored, caustic_field_get_expr(x, ctx), nonzero, length, 0, ctx) == T_TRUE;
    GR_TMP_CLEAR2(x, y, ctx);
    caustic_text_clear(ignored);
    return answer;
}

/* [HEAT-33] Every expression of the stratum vanishes only at the origins of factors, or where the chart of the quotient ends
   or has no coordinates. The former are kept. */
static int
has_no_more_holes(product_form_t form, caustic_text_t why)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    int answer = 1;

    form->nonzero = flint_malloc((size_t) (setting->strata + form->factors) * sizeof(caustic_expr));
    for (slong f = 0; f < form->factors; f++)
        if (form->factor[f].size > 1)
            form->nonzero[form->nonzeros++] = square_length(form, form->factor + f);
    for (slong i = 0; i < setting->strata; i++)
        if (is_multiplied(form, setting->stratum[i]) && is_nonzero_at_origin(form, setting->stratum[i]))
            form->nonzero[form->nonzeros++] = setting->stratum[i];
    for (slong i = 0; i < setting->strata && answer; i++)
    {
        caustic_expr p = setting->stratum[i];

        if (is_multiplied(form, p) && is_nonzero_at_origin(form, p))
            continue;
        form->walls++;
        answer = is_at_the_end(form, p) || is_singular_at(form, p, form->nonzero, form->nonzeros);
        if (!answer)
        {
            caustic_text_append(why, "the stratum leaves out more than the origins of planes and spaces and what the chart has no coordinates"
                " for, or is not seen not to: ");
            caustic_expr_print(why, form->pool, p);
            caustic_text_append(why, " may vanish elsewhere; the kernel of the whole space is not the kernel there");
        }
    }
    return answer;
}

/* The group **********************************************************************************/

/* [HEAT-31] The generator as a constant translation: its X coordinates; directions on spheres stay in place. */
static int
translation_of(caustic_expr * translation, const product_form_t form, const caustic_expr * generator)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    caustic_pool * pool = form->pool;
    int found = 1;

    for (slong f = 0; f < form->factors && found; f++)
    {
        const factor_struct * factor = form->factor + f;
        slong b = factor->first;
        caustic_expr radial = caustic_integer(pool, 0);

        if (factor->size == 1)
        {
            slong a = factor->parameter[0];

            translation[b] = constant_of(form, caustic_mul(pool, generator[a],
                caustic_derivative(pool, form->place[b], setting->parameter[a])));
            found = translation[b] != CAUSTIC_NONE;
            continue;
        }
        for (slong i = 0; i < factor->size; i++)
            radial = caustic_add(pool, radial, caustic_mul(pool, weight(form, factor, i), generator[factor->parameter[i]]));
        radial = caustic_div(pool, radial, caustic_mul(pool, factor->radial, square_length(form, factor)));
        translation[b] = constant_of(form, radial);
        found = translation[b] != CAUSTIC_NONE;
        if (factor->size == 2 && found)
        {
            caustic_expr turn = caustic_sub(pool, caustic_mul(pool, weight(form, factor, 0), generator[factor->parameter[1]]),
                caustic_mul(pool, weight(form, factor, 1), generator[factor->parameter[0]]));

            turn = caustic_div(pool, turn, caustic_mul(pool, factor->angular, square_length(form, factor)));
            translation[b + 1] = constant_of(form, turn);
            found = translation[b + 1] != CAUSTIC_NONE;
        }
        for (slong i = 0; i < factor->size && factor->size > 2 && found; i++)
            found = vanishes_identically(caustic_sub(pool, generator[factor->parameter[i]], caustic_mul(pool, translation[b],
                caustic_mul(pool, factor->radial, weight(form, factor, i)))), upstairs(form));
    }
    return found;
}

/* v less its part along the `length` orthonormal rows, divided by its norm; 1 where that is possible, 0 where v depends on
   the rows, -1 where that is open. */
static int
orthonormalise(caustic_expr * v, const caustic_expr * rows, slong length, const product_form_t form)
{
    caustic_pool * pool = form->pool;
    slong size = form->length;
    caustic_expr norm;
    int sign;

    for (slong r = 0; r < length; r++)
    {
        caustic_expr part = constant_of(form, caustic_contract(pool, v, rows + r * size, size));

        for (slong b = 0; b < size; b++)
            v[b] = constant_of(form, caustic_sub(pool, v[b], caustic_mul(pool, part, rows[r * size + b])));
    }
    norm = constant_of(form, caustic_contract(pool, v, v, size));
    sign = sign_of_constant(form, norm);
    for (slong b = 0; b < size && sign == 1; b++)
    {
        v[b] = constant_of(form, caustic_div(pool, v[b], caustic_sqrt(pool, norm)));
        sign = v[b] == CAUSTIC_NONE ? -1 : 1;
    }
    return sign;
}

static int
is_angle(const product_form_t form, slong b)
{
    int answer = 0;

    for (slong f = 0; f < form->factors; f++)
        answer = answer || (form->factor[f].size == 2 && form->factor[f].first + 1 == b);
    return answer;
}

/* The orthonormal complement of the group's translations, by Gram and Schmidt: first those, then the unit vectors. */
static int
set_basis(product_form_t form, caustic_text_t why)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    slong size = form->length, length = 0, k = setting->generators;
    caustic_expr * rows = flint_malloc((size_t) ((size + 1) * size) * sizeof(caustic_expr));
    int found = 1;

    for (slong g = 0; g < k && found; g++, length++)
    {
        found = length < size && translation_of(rows + length * size, form, setting->generator + g * form->parameters);
        if (!found)
            caustic_text_append(why, "the group does not translate the flat coordinates of parameter space by constants");
        else if (orthonormalise(rows + length * size, rows, length, form) != 1)
        {
            found = 0;
            caustic_text_append(why, "the group's translations are not seen to be independent");
        }
    }
    /* Circles first: as many as are independent modulo the group stay closed. */
    for (slong n = 0; n < 2 * size && found; n++)
    {
        slong b = n % size;
        int independent;

        if (is_angle(form, b) != (n < size))
            continue;
        for (slong c = 0; c < size; c++)
            rows[length * size + c] = caustic_integer(form->pool, b == c);
        independent = orthonormalise(rows + length * size, rows, length, form);
        found = independent >= 0;
        length += independent == 1;
        form->circles += independent == 1 && n < size;
        if (!found)
            caustic_text_append(why, "no orthonormal flat coordinates of the quotient were found");
    }
    form->dimension = size - k;
    if (found && length != size)
    {
        found = 0;
        caustic_text_append(why, "the flat coordinates of the quotient do not have the dimension that they should");
    }
    if (found)
        memcpy(form->basis, rows + k * size, (size_t) (form->dimension * size) * sizeof(caustic_expr));
    flint_free(rows);
    return found;
}

/* The quotient *******************************************************************************/

void
product_form_levels(caustic_expr * level, const product_form_t form)
{
    for (slong a = 0; a < form->dimension; a++)
        level[a] = caustic_contract(form->pool, form->basis + a * form->length, form->place, form->length);
}

void
product_form_lift(caustic_expr * x, const product_form_t form, const caustic_expr * s)
{
    for (slong b = 0; b < form->length; b++)
    {
        x[b] = caustic_integer(form->pool, 0);
        for (slong a = 0; a < form->dimension; a++)
            x[b] = caustic_add(form->pool, x[b], caustic_mul(form->pool, form->basis[a * form->length + b], s[a]));
    }
}

/* |w|^2 of a factor is exp(2 c x) along the curve. */
static caustic_expr
length_along_curve(caustic_pool * pool, caustic_expr node, void * data)
{
    const product_form_struct * form = data;

    for (slong f = 0; f < form->factors; f++)
    {
        const factor_struct * factor = form->factor + f;

        if (factor->size > 1 && node == square_length(form, factor))
            return caustic_function(pool, CAUSTIC_OP_EXP, caustic_mul(pool, caustic_mul(pool, caustic_integer(pool, 2), factor->radial),
                form->x[factor->first]));
    }
    return node;
}

static int
is_smooth(const product_form_t form, caustic_expr e)
{
    caustic_text_t ignored;
    int answer;

    caustic_text_init(ignored);
    answer = e != CAUSTIC_NONE
        && caustic_field_is_smooth(ignored, e, form->nonzero, form->nonzeros, 0, upstairs(form)) == T_TRUE;
    caustic_text_clear(ignored);
    return answer;
}

/* A quotient in lowest terms, where that makes it smooth: what a chart has no coordinates for may cancel in the parameters. */
static caustic_expr
without_seams(caustic_pool * pool, caustic_expr node, void * data)
{
    const product_form_struct * form = data;
    gr_ctx_struct * ctx = upstairs(form);
    caustic_op op = caustic_expr_op(pool, node);
    caustic_expr candidate = CAUSTIC_NONE;
    gr_ptr x;

    if ((op != CAUSTIC_OP_PRODUCT && op != CAUSTIC_OP_POWER) || is_smooth(form, node))
        return node;
    GR_TMP_INIT(x, ctx);
    if (caustic_field_set_expr(x, node, ctx) == GR_SUCCESS)
        candidate = caustic_field_get_expr(x, ctx);
    GR_TMP_CLEAR(x, ctx);
    return is_smooth(form, candidate) ? candidate : node;
}

/* The loss as a function of the parameters. */
static caustic_expr
loss_above(product_form_t form)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    caustic_expr loss = setting->loss_in_parameters ? setting->loss
        : caustic_substitute(form->pool, setting->loss, setting->coordinate, setting->invariant, setting->coordinates);

    return loss == CAUSTIC_NONE || is_smooth(form, loss) ? loss : caustic_rewrite(form->pool, loss, without_seams, form);
}

/* sqrt(1 - C^2) becomes S again. */
typedef struct
{
    caustic_expr root, sine;
}
sine_struct;

static caustic_expr
sine_of_root(caustic_pool * pool, caustic_expr node, void * data)
{
    const sine_struct * pair = data;

    (void) pool;
    return node == pair->root ? pair->sine : node;
}

/* [HEAT-35] With S for sqrt(1 - C^2) where the loss is even in S, else as it is: sqrt(1 - C^2) is |sin|, and only an even function of
   it is one of sin. */
static caustic_expr
with_sine(caustic_expr loss, const sine_struct * pair, gr_ctx_struct * ctx)
{
    caustic_pool * pool = caustic_field_pool(ctx);
    caustic_expr rewritten = caustic_rewrite(pool, loss, sine_of_root, (void *) pair), opposite, other;

    if (rewritten == CAUSTIC_NONE)
        return loss;
    opposite = caustic_neg(pool, pair->sine);
    other = caustic_substitute(pool, rewritten, &pair->sine, &opposite, 1);
    return other != CAUSTIC_NONE && vanishes_identically(caustic_sub(pool, rewritten, other), ctx) ? rewritten : loss;
}

/* w = r (C c + S e) with symbols for r and C, and S = sqrt(1 - C^2): what cancels along the axis is reduced before they become
   functions. */
static caustic_expr
along_axes(const product_form_t form, caustic_expr loss)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    caustic_pool * pool = form->pool;
    slong n = form->parameters, length = n + 3 * form->factors, known = n;
    caustic_expr * symbol = flint_malloc((size_t) (3 * length) * sizeof(caustic_expr)), * value = symbol + length, * theta = value + length;
    caustic_interval_struct * domain = flint_malloc((size_t) length * sizeof(caustic_interval_struct));
    sine_struct * pair = flint_calloc((size_t) form->factors, sizeof(sine_struct));
    gr_ctx_t ctx;

    for (slong i = 0; i < length; i++)
        caustic_interval_init(domain + i);
    for (slong a = 0; a < n; a++)
    {
        symbol[a] = value[a] = theta[a] = setting->parameter[a];
        caustic_interval_set(domain + a, setting->parameter_domain + a);
    }
    for (slong f = 0; f < form->factors; f++)
    {
        const factor_struct * factor = form->factor + f;
        char name[32];

        if (factor->size <= 2)
            continue;
        snprintf(name, sizeof(name), "r%ld'", (long) f);
        symbol[known] = caustic_symbol(pool, name);
        domain[known].lower_infinite = domain[known].lower_closed = 0;
        value[known] = caustic_function(pool, CAUSTIC_OP_EXP, caustic_mul(pool, factor->radial, form->x[factor->first]));
        snprintf(name, sizeof(name), "c%ld'", (long) f);
        symbol[known + 1] = caustic_symbol(pool, name);
        domain[known + 1].lower_infinite = domain[known + 1].upper_infinite = 0;
        domain[known + 1].lower_closed = domain[known + 1].upper_closed = 0;
        fmpq_set_si(domain[known + 1].lower, -1, 1);
        fmpq_one(domain[known + 1].upper);
        pair[f].root = caustic_sqrt(pool, caustic_sub(pool, caustic_integer(pool, 1), square(pool, symbol[known + 1])));
        value[known + 1] = caustic_function(pool, CAUSTIC_OP_COS, factor->angle);
        snprintf(name, sizeof(name), "s%ld'", (long) f);
        symbol[known + 2] = caustic_symbol(pool, name);
        value[known + 2] = caustic_function(pool, CAUSTIC_OP_SIN, factor->angle);
        pair[f].sine = symbol[known + 2];
        for (slong i = 0; i < factor->size; i++)
            theta[factor->parameter[i]] = caustic_mul(pool, symbol[known], caustic_add(pool,
                caustic_mul(pool, factor->axis[i], symbol[known + 1]), caustic_mul(pool, factor->across[i], pair[f].root)));
        known += 3;
    }
    caustic_field_ctx_init(ctx, pool, symbol, domain, known);
    loss = loss == CAUSTIC_NONE ? loss : caustic_substitute(pool, loss, setting->parameter, theta, n);
    loss = loss == CAUSTIC_NONE ? loss : caustic_field_shorten(loss, ctx);
    for (slong f = 0; f < form->factors && loss != CAUSTIC_NONE; f++)
        if (form->factor[f].size > 2)
            loss = with_sine(loss, pair + f, ctx);
    loss = loss == CAUSTIC_NONE ? loss : caustic_substitute(pool, loss, symbol + n, value + n, known - n);
    gr_ctx_clear(ctx);
    for (slong i = 0; i < length; i++)
        caustic_interval_clear(domain + i);
    flint_free(domain);
    flint_free(symbol);
    flint_free(pair);
    return loss;
}

caustic_expr
product_form_loss(product_form_t form)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    caustic_expr loss = loss_above(form);

    loss = loss == CAUSTIC_NONE ? loss : caustic_rewrite(form->pool, loss, length_along_curve, form);
    if (form->spheres > 0)
        loss = along_axes(form, loss);
    return loss == CAUSTIC_NONE ? loss : caustic_substitute(form->pool, loss, setting->parameter, form->curve, form->parameters);
}

void
product_form_heights(caustic_expr * height, const product_form_t form)
{
    caustic_pool * pool = form->pool;
    slong count = 0;

    for (slong f = 0; f < form->factors; f++)
    {
        const factor_struct * factor = form->factor + f;

        if (factor->size <= 2)
            continue;
        height[count] = caustic_integer(pool, 0);
        for (slong i = 0; i < factor->size; i++)
            height[count] = caustic_add(pool, height[count], caustic_mul(pool, factor->axis[i], weight(form, factor, i)));
        height[count] = caustic_div(pool, height[count], caustic_sqrt(pool, square_length(form, factor)));
        count++;
    }
}

/* The axis of a zonal loss *******************************************************************/

#define AXIS_PREC 256
#define AXIS_BITS 64 /* of its rational components */

/* The gradient of the loss in the factor's weights, at w = e_i and a rational point for the other parameters. */
static void
gradient_at(arb_ptr res, const product_form_t form, const factor_struct * factor, slong i, caustic_expr loss)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    slong n = form->parameters, size = factor->size;
    caustic_expr * slope = flint_malloc((size_t) size * sizeof(caustic_expr));
    fmpq * place = flint_calloc((size_t) n, sizeof(fmpq));
    arb_ptr theta = _arb_vec_init(n);
    caustic_tape * tape;

    for (slong a = 0; a < n; a++)
        fmpq_init(place + a);
    for (slong j = 0; j < size; j++)
        slope[j] = caustic_derivative(form->pool, loss, weight(form, factor, j));
    tape = caustic_tape_new(form->pool, slope, size, setting->parameter, n);
    point_of_parameters(place, setting, 2);
    for (slong j = 0; j < size; j++)
        fmpq_set_si(place + factor->parameter[j], i == j ? 5 : 0, 7);
    for (slong a = 0; a < n; a++)
        arb_set_fmpq(theta + a, place + a, AXIS_PREC);
    if (tape != NULL)
        caustic_tape_evaluate_arb(res, tape, theta, AXIS_PREC);
    else
        _arb_vec_indeterminate(res, size);
    for (slong a = 0; a < n; a++)
        fmpq_clear(place + a);
    caustic_tape_free(tape);
    flint_free(slope);
    flint_free(place);
    _arb_vec_clear(theta, n);
}

/* The simplest rational number next to x/y. */
static int
rational_ratio(fmpq_t res, const arb_t x, const arb_t y)
{
    arb_t ratio;
    fmpq_t low, high;
    arf_t width;
    int found;

    arb_init(ratio);
    fmpq_init(low);
    fmpq_init(high);
    arf_init(width);
    arb_div(ratio, x, y, AXIS_PREC);
    found = arb_is_finite(ratio);
    if (found)
    {
        arf_one(width);
        arf_mul_2exp_si(width, width, -AXIS_BITS);
        arf_sub(width, arb_midref(ratio), width, AXIS_PREC, ARF_RND_DOWN);
        arf_get_fmpq(low, width);
        arf_one(width);
        arf_mul_2exp_si(width, width, -AXIS_BITS);
        arf_add(width, arb_midref(ratio), width, AXIS_PREC, ARF_RND_DOWN);
        arf_get_fmpq(high, width);
        fmpq_simplest_between(res, low, high);
    }
    arb_clear(ratio);
    fmpq_clear(low);
    fmpq_clear(high);
    arf_clear(width);
    return found;
}

/* Whether each term of the loss in which the factor's weights stand is smooth on the whole space: a jump has derivatives 0 wherever it
   has any. */
static int
is_smooth_in(const product_form_t form, const factor_struct * factor, caustic_expr loss)
{
    int depends = 0, sum = caustic_expr_op(form->pool, loss) == CAUSTIC_OP_SUM, smooth = 1;

    for (slong i = 0; i < factor->size; i++)
        depends = depends || caustic_expr_depends(form->pool, loss, weight(form, factor, i));
    if (!depends || !sum)
        return !depends || is_smooth(form, loss);
    for (slong i = 0; i < caustic_expr_arity(form->pool, loss) && smooth; i++)
        smooth = is_smooth_in(form, factor, caustic_expr_child(form->pool, loss, i));
    return smooth;
}

/* [HEAT-35] The loss is annihilated by the rotations in all planes spanned by two vectors across c: v_m = c_p e_m - c_m e_p. */
static truth_t
is_zonal(const product_form_t form, const factor_struct * factor, const fmpq * c, slong p, caustic_expr loss)
{
    caustic_pool * pool = form->pool;
    slong size = factor->size;
    caustic_expr * level = flint_malloc((size_t) (2 * size) * sizeof(caustic_expr)), * slope = level + size;
    caustic_text_t ignored;
    truth_t answer = T_TRUE;

    caustic_text_init(ignored);
    for (slong m = 0; m < size; m++)
    {
        caustic_expr cm = caustic_number(pool, c + m), cp = caustic_number(pool, c + p);

        level[m] = caustic_sub(pool, caustic_mul(pool, cp, weight(form, factor, m)), caustic_mul(pool, cm, weight(form, factor, p)));
        slope[m] = caustic_sub(pool, caustic_mul(pool, cp, caustic_derivative(pool, loss, weight(form, factor, m))),
            caustic_mul(pool, cm, caustic_derivative(pool, loss, weight(form, factor, p))));
    }
    for (slong m = 0; m < size && answer == T_TRUE; m++)
        for (slong q = 0; q < m && answer == T_TRUE; q++)
            if (m != p && q != p)
                answer = vanishes(ignored, "", caustic_sub(pool, caustic_mul(pool, level[m], slope[q]), caustic_mul(pool, level[q], slope[m])),
                    upstairs(form));
    caustic_text_clear(ignored);
    flint_free(level);
    return answer;
}

/* Tries c = the gradient at e_i, but for its component i, and with that component from the gradient at e_j. */
static int
find_axis(fmpq * c, slong * p, const product_form_t form, const factor_struct * factor, caustic_expr loss)
{
    slong size = factor->size;
    arb_ptr gradient = _arb_vec_init(size), other = _arb_vec_init(size);
    fmpq_t ratio;
    int found = 0;

    fmpq_init(ratio);
    for (slong i = 0; i < size && !found; i++)
    {
        gradient_at(gradient, form, factor, i, loss);
        *p = -1;
        for (slong j = 0; j < size; j++)
            if (j != i && arb_is_finite(gradient + j) && !arb_contains_zero(gradient + j)
                && (*p < 0 || mag_cmp_2exp_si(arb_radref(gradient + j), 0) < 0))
                *p = *p < 0 || arf_cmpabs(arb_midref(gradient + j), arb_midref(gradient + *p)) > 0 ? j : *p;
        if (*p < 0)
            continue;
        found = 1;
        for (slong j = 0; j < size && found; j++)
            found = j == i || rational_ratio(c + j, gradient + j, gradient + *p);
        fmpq_zero(c + i);
        found = found && is_zonal(form, factor, c, *p, loss) == T_TRUE;
        for (slong k = 0; k < size && !found; k++)
        {
            gradient_at(other, form, factor, k, loss);
            for (slong j = 0; j < size && !found; j++)
                if (j != i && j != k && k != i && !fmpq_is_zero(c + j) && !arb_contains_zero(other + j)
                    && rational_ratio(ratio, other + i, other + j))
                {
                    fmpq_mul(c + i, c + j, ratio);
                    found = is_zonal(form, factor, c, *p, loss) == T_TRUE;
                }
        }
    }
    fmpq_clear(ratio);
    _arb_vec_clear(gradient, size);
    _arb_vec_clear(other, size);
    return found;
}

/* The unit vector along c, and one across: (c_q, -c_p) in the plane of p and another q. */
static void
set_axis(product_form_t form, factor_struct * factor, const fmpq * c, slong p)
{
    caustic_pool * pool = form->pool;
    slong q = p == 0 ? 1 : 0;
    fmpq_t square_of_c, square_of_e, term;
    caustic_expr norm;

    fmpq_init(square_of_c);
    fmpq_init(square_of_e);
    fmpq_init(term);
    for (slong i = 0; i < factor->size; i++)
        fmpq_addmul(square_of_c, c + i, c + i);
    fmpq_mul(square_of_e, c + p, c + p);
    fmpq_addmul(square_of_e, c + q, c + q);
    norm = caustic_sqrt(pool, caustic_number(pool, square_of_c));
    for (slong i = 0; i < factor->size; i++)
    {
        factor->axis[i] = caustic_div(pool, caustic_number(pool, c + i), norm);
        factor->across[i] = caustic_integer(pool, 0);
    }
    norm = caustic_sqrt(pool, caustic_number(pool, square_of_e));
    factor->across[p] = caustic_div(pool, caustic_number(pool, c + q), norm);
    fmpq_neg(term, c + p);
    factor->across[q] = caustic_div(pool, caustic_number(pool, term), norm);
    fmpq_clear(square_of_c);
    fmpq_clear(square_of_e);
    fmpq_clear(term);
}

static int
set_axes(product_form_t form, caustic_text_t why)
{
    caustic_expr loss = loss_above(form);
    int found = loss != CAUSTIC_NONE;

    for (slong f = 0; f < form->factors && found; f++)
    {
        factor_struct * factor = form->factor + f;
        fmpq * c;
        slong p = 0;
        int smooth;
        char name[32];

        if (factor->size <= 2)
            continue;
        c = flint_calloc((size_t) factor->size, sizeof(fmpq));
        for (slong i = 0; i < factor->size; i++)
            fmpq_init(c + i);
        snprintf(name, sizeof(name), "angle%ld'", (long) f);
        factor->angle = caustic_symbol(form->pool, name);
        factor->axis = flint_calloc((size_t) (2 * factor->size), sizeof(caustic_expr));
        factor->across = factor->axis + factor->size;
        smooth = is_smooth_in(form, factor, loss);
        found = smooth && find_axis(c, &p, form, factor, loss);
        if (smooth && !found)
        {
            /* Any axis will do where the loss does not see the direction. */
            for (slong i = 0; i < factor->size; i++)
                fmpq_set_si(c + i, i == 0, 1);
            p = 0;
            found = is_zonal(form, factor, c, p, loss) == T_TRUE;
        }
        if (found)
            set_axis(form, factor, c, p);
        else if (!smooth)
            caustic_text_printf(why, "the loss is not seen to be smooth in the weights that begin with %s: on a sphere smooth zonal losses are"
                " available", caustic_expr_name(form->pool, weight(form, factor, 0)));
        else
            caustic_text_printf(why, "the loss is not seen to be a function of |w| and of one component c.w, with c in rational proportions, of"
                " the weights w that begin with %s: on a sphere zonal losses are available", caustic_expr_name(form->pool, weight(form, factor, 0)));
        for (slong i = 0; i < factor->size; i++)
            fmpq_clear(c + i);
        flint_free(c);
    }
    return found;
}

/* d_i s^A as functions of the quotient's coordinates: s^A along the section. The angle's differential is that of atan(w2/w1), which
   is rational. */
static void
slopes(caustic_expr * slope, const product_form_t form)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    caustic_pool * pool = form->pool;
    slong d = setting->coordinates, size = form->length;
    caustic_expr * differential = flint_malloc((size_t) (size * d) * sizeof(caustic_expr));

    for (slong f = 0; f < form->factors; f++)
    {
        const factor_struct * factor = form->factor + f;

        for (slong c = 0; c < (factor->size == 2 ? 2 : 1); c++)
        {
            slong b = factor->first + c;
            caustic_expr place = form->place[b];

            if (c == 1)
                place = caustic_div(pool, caustic_function(pool, CAUSTIC_OP_ATAN, caustic_div(pool, weight(form, factor, 1),
                    weight(form, factor, 0))), factor->angular);
            for (slong i = 0; i < d; i++)
            {
                caustic_expr sum = caustic_integer(pool, 0);

                for (slong m = 0; m < factor->size; m++)
                {
                    slong a = factor->parameter[m];
                    caustic_expr part = caustic_derivative(pool, place, setting->parameter[a]);

                    part = caustic_substitute(pool, part, setting->parameter, setting->section, form->parameters);
                    sum = caustic_add(pool, sum, caustic_mul(pool, part, caustic_derivative(pool, setting->section[a],
                        setting->coordinate[i])));
                }
                differential[b * d + i] = sum;
            }
        }
    }
    for (slong a = 0; a < form->dimension; a++)
        for (slong i = 0; i < d; i++)
        {
            slope[a * d + i] = caustic_integer(pool, 0);
            for (slong b = 0; b < size; b++)
                slope[a * d + i] = caustic_add(pool, slope[a * d + i], caustic_mul(pool, form->basis[a * size + b],
                    differential[b * d + i]));
        }
    flint_free(differential);
}

/* [HEAT-31] g^{ij} s^A_i s^B_j = delta^{AB} and L s^A = 0, for the differentials slope, `length` of them. */
static truth_t
is_flat_map(caustic_text_t why, const char * whose, const caustic_expr * slope, slong length, const caustic_reduction_struct * reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_pool * pool = setting->pool;
    gr_ctx_struct * ctx = (gr_ctx_struct *) reduction->downstairs;
    slong d = setting->coordinates;
    truth_t answer = T_TRUE;
    char text[64];

    for (slong a = 0; a < length && answer == T_TRUE; a++)
    {
        caustic_expr operator = caustic_contract(pool, reduction->drift_expr, slope + a * d, d);

        for (slong b = 0; b < length && answer == T_TRUE; b++)
        {
            caustic_expr sum = caustic_integer(pool, -(a == b));

            for (slong i = 0; i < d; i++)
                sum = caustic_add(pool, sum, caustic_mul(pool, slope[a * d + i], caustic_contract(pool, reduction->cometric_expr + i * d,
                    slope + b * d, d)));
            snprintf(text, sizeof(text), "that %s map is an isometry", whose);
            answer = vanishes(why, text, sum, ctx);
        }
        for (slong i = 0; i < d; i++)
            for (slong j = 0; j < d; j++)
                operator = caustic_add(pool, operator, caustic_mul(pool, reduction->cometric_expr[i * d + j],
                    caustic_derivative(pool, slope[a * d + i], setting->coordinate[j])));
        snprintf(text, sizeof(text), "that L annihilates %s map", whose);
        if (answer == T_TRUE)
            answer = vanishes(why, text, operator, ctx);
    }
    return answer;
}

/* [HEAT-35] g(dx, ds^A) = 0, g(dx, dx) = k^2 (1 - x^2), L x = -(n - 1) k^2 x on the quotient, x the heights of the spheres, g(dx, dx') = 0
   between them. */
static truth_t
are_heights(caustic_text_t why, const product_form_t form, const caustic_expr * height, const caustic_expr * slope)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    const caustic_reduction_struct * reduction = form->reduction;
    caustic_pool * pool = form->pool;
    gr_ctx_struct * ctx = (gr_ctx_struct *) reduction->downstairs;
    slong d = setting->coordinates, count = 0;
    caustic_expr * first = flint_malloc((size_t) (d * (form->spheres + 2)) * sizeof(caustic_expr)), * raised = first + d * form->spheres;
    truth_t answer = T_TRUE;

    for (slong f = 0; f < form->factors && answer == T_TRUE; f++)
    {
        const factor_struct * factor = form->factor + f;
        caustic_expr * mine = first + count * d, operator, norm;

        if (factor->size <= 2)
            continue;
        for (slong i = 0; i < d; i++)
            mine[i] = caustic_derivative(pool, height[count], setting->coordinate[i]);
        for (slong i = 0; i < d; i++)
            raised[i] = caustic_contract(pool, reduction->cometric_expr + i * d, mine, d);
        for (slong a = 0; a < form->dimension && answer == T_TRUE; a++)
            answer = vanishes(why, "that a sphere's coordinate is orthogonal to the flat ones", caustic_contract(pool, raised, slope + a * d, d), ctx);
        for (slong a = 0; a < count && answer == T_TRUE; a++)
            answer = vanishes(why, "that the spheres are orthogonal", caustic_contract(pool, raised, first + a * d, d), ctx);
        norm = caustic_sub(pool, caustic_integer(pool, 1), square(pool, height[count]));
        if (answer == T_TRUE)
            answer = vanishes(why, "that a sphere's coordinate has |dx|^2 = k^2 (1 - x^2)", caustic_sub(pool, caustic_contract(pool, raised, mine, d),
                caustic_mul(pool, factor->rate, norm)), ctx);
        operator = caustic_contract(pool, reduction->drift_expr, mine, d);
        for (slong i = 0; i < d; i++)
            for (slong j = 0; j < d; j++)
                operator = caustic_add(pool, operator, caustic_mul(pool, reduction->cometric_expr[i * d + j],
                    caustic_derivative(pool, mine[i], setting->coordinate[j])));
        operator = caustic_add(pool, operator, caustic_mul(pool, caustic_mul(pool, caustic_integer(pool, factor->size - 1), factor->rate),
            height[count]));
        if (answer == T_TRUE)
            answer = vanishes(why, "that a sphere's coordinate has L x = -(n - 1) k^2 x", operator, ctx);
        count++;
    }
    flint_free(first);
    return answer;
}

/* Each of the case's own heights is one of ours, up to its sign. */
static truth_t
are_same_heights(caustic_text_t why, const product_form_t form, const caustic_expr * height, const caustic_expr * given)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) form->reduction->downstairs;

    for (slong i = 0; i < form->spheres; i++)
    {
        int same = 0;

        for (slong j = 0; j < form->spheres && !same; j++)
            same = vanishes_identically(caustic_sub(form->pool, given[i], height[j]), ctx) || vanishes_identically(caustic_add(form->pool, given[i], height[j]), ctx);
        if (!same)
        {
            caustic_text_append(why, "the case's coordinate of a sphere is not seen to be that on which the loss depends");
            return T_UNKNOWN;
        }
    }
    return T_TRUE;
}

static truth_t
is_isometric(const product_form_t form, caustic_text_t why, const caustic_expr * given)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    slong d = setting->coordinates, length = form->dimension;
    caustic_expr * slope = flint_malloc((size_t) (length * d + form->spheres) * sizeof(caustic_expr)), * height = slope + length * d;
    truth_t answer;

    slopes(slope, form);
    answer = is_flat_map(why, "the quotient's", slope, length, form->reduction);
    product_form_heights(height, form);
    for (slong i = 0; i < form->spheres; i++)
        height[i] = caustic_substitute(form->pool, height[i], setting->parameter, setting->section, form->parameters);
    if (answer == T_TRUE)
        answer = are_heights(why, form, height, slope);
    if (answer == T_TRUE && given != NULL)
    {
        for (slong a = 0; a < length; a++)
            for (slong i = 0; i < d; i++)
                slope[a * d + i] = caustic_derivative(form->pool, given[a], setting->coordinate[i]);
        answer = is_flat_map(why, "the case's", slope, length, form->reduction);
        if (answer == T_TRUE)
            answer = are_same_heights(why, form, height, given + length);
    }
    flint_free(slope);
    return answer;
}

/* Both ***************************************************************************************/

static void
allocate(product_form_t form, const caustic_reduction_struct * reduction)
{
    slong n = reduction->setting->parameters, size;

    memset(form, 0, sizeof(product_form_struct));
    caustic_text_init(form->proof);
    form->pool = reduction->setting->pool;
    form->reduction = reduction;
    form->parameters = n;
    form->factor = flint_calloc((size_t) FLINT_MAX(n, 1), sizeof(factor_struct));
    list_factors(form);
    size = form->length;
    form->x = flint_calloc((size_t) (2 * size + n + size * (n + size)), sizeof(caustic_expr));
    form->place = form->x + size;
    form->curve = form->place + size;
    form->field = form->curve + n;
    form->basis = form->field + size * n;
    for (slong b = 0; b < size; b++)
    {
        char name[32];

        snprintf(name, sizeof(name), "x%ld'", (long) b + 1);
        form->x[b] = caustic_symbol(form->pool, name);
        for (slong a = 0; a < n; a++)
            form->field[b * n + a] = caustic_integer(form->pool, 0);
    }
}

caustic_verdict
product_form_init(product_form_t form, caustic_text_t why, const caustic_reduction_struct * reduction, const caustic_expr * given,
    slong given_length)
{
    const caustic_setting_struct * setting = reduction->setting;
    slong around = 0;
    truth_t answer = T_UNKNOWN;

    allocate(form, reduction);
    if (!setting->has_section || setting->copies > 1 || setting->spheres > 0)
        caustic_text_append(why, "products of lines, circles and spheres need coordinates, and a section, for the whole quotient");
    else if (set_factors(form, why) && has_no_more_holes(form, why) && set_basis(form, why) && set_axes(form, why))
    {
        for (slong f = 0; f < form->factors; f++)
            around += form->factor[f].size > 2 ? form->factor[f].size - 1 : 0;
        if (given != NULL && given_length != form->dimension + form->spheres)
            caustic_text_printf(why, "the normal form has %ld flat coordinates and %ld of spheres, and the case has %ld maps",
                (long) form->dimension, (long) form->spheres, (long) given_length);
        else if (form->dimension + around != setting->coordinates)
            caustic_text_append(why, "the dimensions of the factors do not add up to that of the quotient");
        else
            answer = is_isometric(form, why, given);
    }
    if (answer == T_TRUE && form->spheres > 0)
        caustic_text_printf(form->proof, "the loss is zonal on %ld %s [HEAT-35]; ", (long) form->spheres, form->spheres == 1 ? "sphere" : "spheres");
    if (answer == T_TRUE && form->walls > 0)
        caustic_text_append(form->proof, "what the chart has no coordinates for is part of parameter space [HEAT-33]; ");
    if (answer == T_TRUE)
        caustic_text_printf(form->proof, "parameter space is covered by R^%ld%s, which the group moves by %ld independent translations: the quotient"
            " has %ld flat coordinates, %ld of them closed to circles [HEAT-30] [HEAT-31]", (long) form->length,
            form->spheres > 0 ? " times spheres" : "", (long) setting->generators, (long) form->dimension, (long) form->circles);
    return answer == T_TRUE ? CAUSTIC_PROVED : answer == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
}

void
product_form_clear(product_form_t form)
{
    for (slong f = 0; f < form->factors; f++)
    {
        flint_free(form->factor[f].parameter);
        flint_free(form->factor[f].axis);
    }
    flint_free(form->factor);
    flint_free(form->nonzero);
    flint_free(form->x);
    caustic_text_clear(form->proof);
}

/* (3 a + 4 b)/5 and (4 a - 3 b)/5 for the first two rows. */
void
product_form_turn(product_form_t form)
{
    caustic_pool * pool = form->pool;
    caustic_expr fifth = caustic_power_si(pool, caustic_integer(pool, 5), -1);
    caustic_expr three = caustic_mul(pool, caustic_integer(pool, 3), fifth), four = caustic_mul(pool, caustic_integer(pool, 4), fifth);

    for (slong b = 0; b < form->length && form->dimension > 1; b++)
    {
        caustic_expr first = form->basis[b], second = form->basis[form->length + b];

        form->basis[b] = constant_of(form, caustic_add(pool, caustic_mul(pool, three, first), caustic_mul(pool, four, second)));
        form->basis[form->length + b] = constant_of(form, caustic_sub(pool, caustic_mul(pool, four, first),
            caustic_mul(pool, three, second)));
    }
}

/* Branches ***********************************************************************************/

/* Whether e, in the quotient's coordinates, is finite on all of so many cells of the box. */
static int
is_finite_on(caustic_expr e, const product_form_t form, const caustic_interval_struct * box, slong pieces)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    slong d = setting->coordinates, cells = 1;
    caustic_tape * tape = e == CAUSTIC_NONE ? NULL : caustic_tape_new(form->pool, &e, 1, setting->coordinate, d);
    arb_ptr cell = _arb_vec_init(d + 2), value = cell + d, end = cell + d + 1;
    fmpq_t x, width;
    int finite = tape != NULL;

    fmpq_init(x);
    fmpq_init(width);
    for (slong i = 0; i < d; i++)
        cells *= pieces;
    for (slong n = 0; n < cells && finite; n++)
    {
        slong index = n;

        for (slong i = 0; i < d; i++, index /= pieces)
        {
            fmpq_sub(width, box[i].upper, box[i].lower);
            fmpq_div_fmpz(width, width, (fmpz[]) {pieces});
            fmpq_mul_si(x, width, index % pieces);
            fmpq_add(x, x, box[i].lower);
            arb_set_fmpq(cell + i, x, PREC);
            fmpq_add(x, x, width);
            arb_set_fmpq(end, x, PREC);
            arb_union(cell + i, cell + i, end, PREC);
        }
        caustic_tape_evaluate_arb(value, tape, cell, PREC);
        finite = arb_is_finite(value);
    }
    fmpq_clear(x);
    fmpq_clear(width);
    _arb_vec_clear(cell, d + 2);
    caustic_tape_free(tape);
    return finite;
}

int
product_form_choose_branches(product_form_t form, const caustic_interval_struct * box)
{
    const caustic_setting_struct * setting = form->reduction->setting;
    int found = 1;

    for (slong f = 0; f < form->factors && found; f++)
    {
        factor_struct * factor = form->factor + f;
        slong b = factor->first + 1, cells = 1;

        if (factor->size != 2)
            continue;
        found = 0;
        for (slong pieces = 1; cells <= BRANCH_CELLS && !found; pieces *= 2)
        {
            for (int turned = 0; turned <= 1 && !found; turned++)
            {
                caustic_expr angle;

                factor->turned = turned;
                form->place[b] = angle_of(form, factor);
                angle = caustic_substitute(form->pool, form->place[b], setting->parameter, setting->section, form->parameters);
                found = is_finite_on(angle, form, box, pieces);
            }
            cells = 1;
            for (slong i = 0; i < setting->coordinates; i++)
                cells *= 2 * pieces;
        }
    }
    return found;
}
