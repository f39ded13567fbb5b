/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    One reduction for all values of the parameters: they become coordinates of a line each, which the
    group leaves in place.
*/

#include <string.h>
#include <caustic/family.h>

static void
explain(caustic_family_t family, const char * format, const char * what)
{
    caustic_text_t text;

    caustic_text_init(text);
    caustic_text_printf(text, format, what);
    flint_free(family->why);
    family->why = caustic_text_take(text);
    caustic_text_clear(text);
}

#define WIDENING 30 /* bits: what lies so near beyond an end is taken for the end */

/* An open interval that holds the closed one: fields live on open boxes. Where the end is not 0, neither becomes the new one. */
static void
widen(caustic_interval_t open, const caustic_interval_t range)
{
    fmpq_t part, width;

    fmpq_init(part);
    fmpq_init(width);
    caustic_interval_set(open, range);
    fmpq_sub(width, range->upper, range->lower);
    fmpq_div_2exp(width, width, WIDENING);
    if (range->lower_closed)
    {
        fmpq_abs(part, range->lower);
        fmpq_div_2exp(part, part, WIDENING);
        fmpq_sub(open->lower, open->lower, fmpq_is_zero(part) || fmpq_cmp(width, part) < 0 ? width : part);
    }
    if (range->upper_closed)
    {
        fmpq_abs(part, range->upper);
        fmpq_div_2exp(part, part, WIDENING);
        fmpq_add(open->upper, open->upper, fmpq_is_zero(part) || fmpq_cmp(width, part) < 0 ? width : part);
    }
    open->lower_closed = open->upper_closed = 0;
    fmpq_clear(part);
    fmpq_clear(width);
}

static int
depends_on_parameters(const caustic_family_t family, const caustic_expr * e, slong length)
{
    for (slong i = 0; i < length; i++)
        for (slong k = 1; k <= family->parameters; k++)
            if (e[i] != CAUSTIC_NONE && caustic_expr_depends(family->pool, e[i], family->symbol[k]))
                return 1;
    return 0;
}

/* rows of `from` columns, each followed by `more` zeros */
static void
put_rows(caustic_expr * to, const caustic_expr * from, slong rows, slong columns, slong more, caustic_expr zero)
{
    for (slong i = 0; i < rows; i++)
    {
        for (slong j = 0; j < columns; j++)
            to[i * (columns + more) + j] = from[i * columns + j];
        for (slong j = 0; j < more; j++)
            to[i * (columns + more) + columns + j] = zero;
    }
}

/* Theta x I with the inverse metric A + 1. [FAMILY-1] */
static void
put_setting(caustic_family_t family, const caustic_setting_t one)
{
    caustic_setting_struct * both = family->setting;
    slong m = family->parameters, n = one->parameters, N = n + m, i, k;
    caustic_expr zero = caustic_integer(family->pool, 0), unit = caustic_integer(family->pool, 1);

    caustic_setting_allocate(both, N, one->generators, one->elements, 1 + m);
    put_rows(both->inverse_metric, one->inverse_metric, n, n, m, zero);
    put_rows(both->generator, one->generator, one->generators, n, m, zero);
    put_rows(both->element, one->element, one->elements, n, m, zero);
    for (i = 0; i < n; i++)
    {
        both->parameter[i] = one->parameter[i];
        both->section[i] = one->section[i];
        caustic_interval_set(both->parameter_domain + i, one->parameter_domain + i);
    }
    both->coordinate[0] = one->coordinate[0];
    both->invariant[0] = one->invariant[0];
    caustic_interval_set(both->coordinate_domain, one->coordinate_domain);
    for (k = 0; k < m; k++)
    {
        caustic_expr y = family->symbol[1 + k];

        for (i = 0; i < N; i++)
            both->inverse_metric[(n + k) * N + i] = i == n + k ? unit : zero;
        for (i = 0; i < one->elements; i++)
            both->element[i * N + n + k] = y;
        both->parameter[n + k] = both->section[n + k] = both->coordinate[1 + k] = both->invariant[1 + k] = y;
        widen(both->parameter_domain + n + k, family->range + 1 + k);
        caustic_interval_set(both->coordinate_domain + 1 + k, both->parameter_domain + n + k);
    }
    both->strata = one->strata;
    both->stratum = flint_calloc((size_t) one->strata + 1, sizeof(caustic_expr));
    for (i = 0; i < one->strata; i++)
        both->stratum[i] = one->stratum[i];
    both->loss = one->loss;
    both->loss_in_parameters = one->loss_in_parameters;
}

static void
reduce(caustic_family_t family)
{
    caustic_reduction_struct * reduction = family->reduction;

    caustic_reduction_init(reduction, family->setting);
    if (caustic_checks_verdict(reduction->checks) != CAUSTIC_PROVED || !reduction->written_out)
    {
        const char * why = "it could not be written out";

        for (slong i = 0; i < reduction->checks->length; i++)
            if (reduction->checks->entries[i].verdict != CAUSTIC_PROVED)
                why = reduction->checks->entries[i].detail;
        explain(family, "the reduction is not proved for all values of the parameters at once: %s", why);
        return;
    }
    family->cometric = reduction->cometric_expr[0];
    family->loss = reduction->loss;
    if (family->loss == CAUSTIC_NONE)
    {
        explain(family, "%s", "there is no loss");
        return;
    }
    family->reduced = 1;
    family->complete = !caustic_reduction_is_punctured(reduction)
        && caustic_line_is_complete(gr_mat_entry_srcptr(reduction->cometric, 0, 0, reduction->downstairs),
            family->range, reduction->downstairs);
}

void
caustic_family_init(caustic_family_t family, const caustic_setting_t setting, const caustic_expr * symbol,
    const caustic_interval_struct * range, slong parameters)
{
    memset(family, 0, sizeof(caustic_family_struct));
    family->pool = setting->pool;
    family->parameters = FLINT_MIN(parameters, CAUSTIC_FAMILY_PARAMETERS);
    family->why = caustic_string_copy("");
    for (slong k = 0; k <= family->parameters; k++)
        caustic_interval_init(family->range + k);
    caustic_setting_init(family->setting, setting->pool);

    if (setting->coordinates != 1 || setting->copies != 1 || setting->spheres != 0 || !setting->has_section
        || setting->density != CAUSTIC_NONE)
    {
        explain(family, "%s", "families are reduced on quotients of one dimension, with a section");
        return;
    }
    family->symbol[0] = setting->coordinate[0];
    caustic_interval_set(family->range, setting->coordinate_domain);
    for (slong k = 0; k < family->parameters; k++)
    {
        family->symbol[1 + k] = symbol[k];
        caustic_interval_set(family->range + 1 + k, range + k);
    }
    /* an invariant that moves with a parameter would add its own to the cometric */
    if (depends_on_parameters(family, setting->invariant, 1))
    {
        explain(family, "%s", "the coordinate of the quotient depends on a parameter");
        return;
    }
    put_setting(family, setting);
    reduce(family);
}

void
caustic_family_clear(caustic_family_t family)
{
    if (family->reduction->setting != NULL)
        caustic_reduction_clear(family->reduction);
    caustic_setting_clear(family->setting);
    for (slong k = 0; k <= family->parameters; k++)
        caustic_interval_clear(family->range + k);
    flint_free(family->why);
}

/* Completeness *******************************************************************************/

/* w = z - l, u - z, (z - l)(u - z), and for the whole line w^2 = 1 + z^2. */
static caustic_expr
weight_squared(caustic_pool * pool, caustic_expr z, const caustic_interval_t domain)
{
    caustic_expr square = caustic_integer(pool, 1), end;

    if (domain->lower_infinite && domain->upper_infinite)
        return caustic_add(pool, square, caustic_power_si(pool, z, 2));
    if (!domain->lower_infinite)
    {
        end = caustic_sub(pool, z, caustic_number(pool, domain->lower));
        square = caustic_mul(pool, square, caustic_power_si(pool, end, 2));
    }
    if (!domain->upper_infinite)
    {
        end = caustic_sub(pool, caustic_number(pool, domain->upper), z);
        square = caustic_mul(pool, square, caustic_power_si(pool, end, 2));
    }
    return square;
}

static int
is_nonnegative(gr_srcptr x, gr_ctx_t field)
{
    caustic_sign sign = caustic_field_sign(x, field);

    return sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NONNEGATIVE || sign == CAUSTIC_SIGN_ZERO;
}

#define COMPLETE_BITS 40 /* of the largest constant tried */

int
caustic_line_is_complete(gr_srcptr cometric, const caustic_interval_t domain, gr_ctx_t field)
{
    caustic_pool * pool = caustic_field_pool(field);
    gr_ptr w, g, d;
    int complete = 0;

    GR_TMP_INIT3(w, g, d, field);
    if (domain->lower_closed || domain->upper_closed
        || caustic_field_set_expr(w, weight_squared(pool, caustic_field_symbol(0, field), domain), field) != GR_SUCCESS)
    {
        GR_TMP_CLEAR3(w, g, d, field);
        return 0;
    }
    for (int squared = 0; squared < 2 && !complete; squared++)
    {
        /* g <= C w^2, or g^2 <= C w^4: roots are gone then */
        int status = gr_set(g, cometric, field);

        if (squared)
        {
            status |= gr_sqr(g, g, field);
            status |= gr_sqr(w, w, field);
        }
        for (ulong bits = 0; bits <= COMPLETE_BITS && status == GR_SUCCESS && !complete; bits += 4)
        {
            status |= gr_mul_2exp_si(d, w, (slong) bits, field);
            status |= gr_sub(d, d, g, field);
            complete = status == GR_SUCCESS && is_nonnegative(d, field);
        }
    }
    GR_TMP_CLEAR3(w, g, d, field);
    return complete;
}
