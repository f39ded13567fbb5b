/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    flat: the solution in flat coordinates, a product over the blocks that the loss ties together, and its derivatives in the
    case's own coordinates.
*/

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "flat.h"

#define ORDER 3
#define ATTEMPTS 3
#define SUM_LIMIT 10000000 /* terms of a kernel sum */
#define CORNERS_LIMIT 12 /* coordinates */
/* Kinks are left out of the sums on intervals of 2^-KINK_BITS: below every tolerance and every kernel's width. */
#define KINK_BITS 1024

/* Blocks ***********************************************************************************/

static void
tie(slong * component, slong d, slong a, slong b)
{
    slong from = FLINT_MAX(component[a], component[b]), to = FLINT_MIN(component[a], component[b]);

    for (slong c = 0; c < d; c++)
        if (component[c] == from)
            component[c] = to;
}

/* Ties the coordinates that stand in the term. */
static void
tie_term(slong * component, const flat_t flat, caustic_expr term)
{
    slong first = -1;

    for (slong a = 0; a < flat->dimension; a++)
        if (caustic_expr_depends(flat->pool, term, flat->chart->s[a]))
        {
            if (first >= 0)
                tie(component, flat->dimension, first, a);
            first = a;
        }
}

/* Adds the term to f, where it is proved to be analytic on the whole space and the field knows it. */
static int
add_smooth_term(gr_ptr f, caustic_expr term, gr_ctx_struct * field)
{
    caustic_text_t ignored;
    gr_ptr x;
    int smooth;

    caustic_text_init(ignored);
    GR_TMP_INIT(x, field);
    smooth = caustic_field_is_smooth(ignored, term, NULL, 0, 0, field) == T_TRUE
        && caustic_field_set_expr(x, term, field) == GR_SUCCESS && gr_add(f, f, x, field) == GR_SUCCESS;
    GR_TMP_CLEAR(x, field);
    caustic_text_clear(ignored);
    return smooth;
}

/* The sum f of the loss's smooth terms; what stands together in another term is tied. */
static void
components_of_terms(slong * component, gr_ptr f, const flat_t flat, gr_ctx_struct * field)
{
    slong length = 1;
    caustic_expr * terms = flint_malloc(sizeof(caustic_expr));

    terms[0] = flat->loss;
    while (length > 0)
    {
        caustic_expr term = terms[--length], sum = term;

        /* a rational multiple of a sum */
        if (caustic_expr_op(flat->pool, term) == CAUSTIC_OP_PRODUCT && caustic_expr_arity(flat->pool, term) == 2
            && caustic_expr_op(flat->pool, caustic_expr_child(flat->pool, term, 0)) == CAUSTIC_OP_NUMBER)
            sum = caustic_expr_child(flat->pool, term, 1);
        if (caustic_expr_op(flat->pool, sum) == CAUSTIC_OP_SUM)
        {
            terms = flint_realloc(terms, (size_t) (length + caustic_expr_arity(flat->pool, sum)) * sizeof(caustic_expr));
            for (slong i = 0; i < caustic_expr_arity(flat->pool, sum); i++)
                terms[length++] = caustic_expr_child(flat->pool, sum, i);
            continue;
        }
        if (!add_smooth_term(f, term, field))
            tie_term(component, flat, term);
    }
    flint_free(terms);
}

/* Which coordinates the loss does not provably treat apart [RESIDUAL-10]: component[a] is the smallest one tied to a. Mixed derivatives
   decide about the smooth terms alone: those of |x - y|, or of a jump, vanish wherever they exist. The others, and what the field
   does not know, as functions of angles, are told apart by what stands in them. */
static void
components(slong * component, const flat_t flat)
{
    slong d = flat->dimension;
    caustic_interval_struct * line = flint_malloc((size_t) d * sizeof(caustic_interval_struct));
    gr_ctx_t field;
    gr_ptr f, first, mixed;

    for (slong a = 0; a < d; a++)
    {
        caustic_interval_init(line + a);
        component[a] = a;
    }
    caustic_field_ctx_init(field, flat->pool, flat->chart->s, line, d);
    GR_TMP_INIT3(f, first, mixed, field);
    components_of_terms(component, f, flat, field);
    for (slong a = 0; a < d; a++)
    {
        int differentiable = caustic_field_derivative(first, f, a, field) == GR_SUCCESS;

        for (slong b = a + 1; b < d; b++)
            if (!differentiable || caustic_field_derivative(mixed, first, b, field) != GR_SUCCESS
                || caustic_field_is_zero(mixed, NULL, field) != T_TRUE)
                tie(component, d, a, b);
    }
    GR_TMP_CLEAR3(f, first, mixed, field);
    gr_ctx_clear(field);
    for (slong a = 0; a < d; a++)
        caustic_interval_clear(line + a);
    flint_free(line);
}

/* [RESIDUAL-10] The loss where the coordinates of the other blocks are 0, without its value at 0 except for the first. */
static caustic_expr
loss_of_block(const flat_t flat, const slong * component, slong root)
{
    slong d = flat->dimension;
    caustic_expr * values = flint_malloc((size_t) d * sizeof(caustic_expr));
    caustic_expr zero = caustic_integer(flat->pool, 0), loss, origin;

    for (slong a = 0; a < d; a++)
        values[a] = component[a] == root ? flat->chart->s[a] : zero;
    loss = caustic_substitute(flat->pool, flat->loss, flat->chart->s, values, d);
    if (root != 0)
    {
        for (slong a = 0; a < d; a++)
            values[a] = zero;
        origin = caustic_substitute(flat->pool, flat->loss, flat->chart->s, values, d);
        loss = caustic_sub(flat->pool, loss, origin);
    }
    flint_free(values);
    return loss;
}

static int
split_into_blocks(flat_t flat, caustic_text_t why)
{
    slong d = flat->dimension;
    slong * component = flint_malloc((size_t) d * sizeof(slong));
    int split = 1;

    components(component, flat);
    flat->block = flint_calloc((size_t) d, sizeof(block_struct));
    for (slong a = 0; a < d && split; a++)
    {
        block_struct * block = flat->block + flat->blocks;
        slong sides = 0;

        if (component[a] != a)
            continue;
        flat->blocks++;
        for (slong b = a; b < d; b++)
            if (component[b] == a)
            {
                if (sides < CAUSTIC_SPACE_DIMENSION)
                    block->axis[sides] = b;
                sides++;
                /* heights come last */
                if (b < d - flat->spheres)
                    block->dimension++;
                else
                {
                    block->zonal++;
                    block->sphere = flat->sphere[b - (d - flat->spheres)];
                    block->rate = flat->rate[b - (d - flat->spheres)];
                }
            }
        block->loss = loss_of_block(flat, component, a);
        if (sides > CAUSTIC_SPACE_DIMENSION || block->zonal > 1 || block->loss == CAUSTIC_NONE)
        {
            caustic_text_printf(why, block->loss == CAUSTIC_NONE ? "the loss is not defined where flat coordinates are 0"
                : block->zonal > 1 ? "the loss ties %ld coordinates of spheres together, and a kernel sum takes one"
                : "the loss ties %ld coordinates together, and a kernel sum takes at most %d",
                (long) (block->zonal > 1 ? block->zonal : sides), CAUSTIC_SPACE_DIMENSION);
            split = 0;
        }
    }
    flint_free(component);
    return split;
}

/* Blocks and tapes; the chart and the loss in it are there. */
static int
finish(flat_t flat, caustic_text_t why, const caustic_expr * coordinate)
{
    slong d = flat->dimension, n = flat->variables;
    caustic_expr * slope;

    if (flat->loss == CAUSTIC_NONE || !split_into_blocks(flat, why))
    {
        if (flat->loss == CAUSTIC_NONE)
            caustic_text_append(why, "the loss could not be written in the flat coordinates");
        return 0;
    }

    slope = flint_malloc((size_t) (d * n) * sizeof(caustic_expr));
    for (slong a = 0; a < d; a++)
        for (slong j = 0; j < n; j++)
            slope[a * n + j] = caustic_derivative(flat->pool, flat->chart->map[a], coordinate[j]);
    flat->map = caustic_tape_new(flat->pool, flat->chart->map, d, coordinate, n);
    flat->slopes = caustic_tape_new(flat->pool, slope, d * n, coordinate, n);
    flint_free(slope);
    flat->memory = flint_calloc(MEMORIES, sizeof(memory_struct));
    for (slong i = 0; i < MEMORIES; i++)
    {
        flat->memory[i].place = _arb_vec_init(n + 1);
        derivatives_init(flat->memory[i].phi, n);
    }
    if (flat->map == NULL || flat->slopes == NULL)
        caustic_text_append(why, "the flat coordinates could not be compiled");
    return flat->map != NULL && flat->slopes != NULL;
}

int
flat_init(flat_t flat, caustic_text_t why, caustic_pool * pool, const caustic_expr * coordinate,
    const caustic_interval_struct * domain, slong dimension, const caustic_expr * cometric, const caustic_expr * drift,
    const caustic_expr * given, caustic_expr loss, const char * name)
{
    memset(flat, 0, sizeof(flat_struct));
    flat->pool = pool;
    flat->dimension = flat->variables = dimension;
    caustic_chart_init(flat->chart, dimension);
    if (caustic_chart_find(flat->chart, pool, coordinate, domain, cometric, drift, given, name) != CAUSTIC_OK
        || !flat->chart->proved)
    {
        for (slong i = 0; i < flat->chart->checks->length; i++)
            if (flat->chart->checks->entries[i].verdict != CAUSTIC_PROVED)
                caustic_text_printf(why, "%sno proved flat coordinates: %s %s (%s)", why->length > 0 ? "; " : "",
                    flat->chart->checks->entries[i].name, caustic_verdict_name(flat->chart->checks->entries[i].verdict),
                    flat->chart->checks->entries[i].detail);
        return 0;
    }
    flat->loss = caustic_substitute(pool, loss, coordinate, flat->chart->inverse, dimension);
    return finish(flat, why, coordinate);
}

/* Covers *************************************************************************************/

/* Fresh symbols for the flat coordinates, the angles of the spheres, and the loss along the curve of the cover. */
static void
set_cover(flat_t flat, product_form_t form, const char * name, caustic_expr factor)
{
    caustic_expr * x = flint_malloc((size_t) form->length * sizeof(caustic_expr)), loss = product_form_loss(form);

    memset(flat, 0, sizeof(flat_struct));
    flat->pool = form->pool;
    flat->dimension = form->dimension + form->spheres;
    flat->spheres = form->spheres;
    flat->covered = 1;
    flat->sphere = flint_calloc((size_t) FLINT_MAX(form->spheres, 1), sizeof(slong));
    flat->rate = flint_calloc((size_t) FLINT_MAX(form->spheres, 1), sizeof(fmpq));
    caustic_chart_init(flat->chart, flat->dimension);
    for (slong a = 0; a < form->dimension; a++)
    {
        char text[32];

        snprintf(text, sizeof(text), "%s%ld'", name, (long) a + 1);
        flat->chart->s[a] = caustic_symbol(form->pool, text);
    }
    for (slong f = 0, i = 0; f < form->factors; f++)
    {
        const factor_struct * own = form->factor + f;

        if (own->size <= 2)
            continue;
        flat->chart->s[form->dimension + i] = own->angle;
        flat->sphere[i] = own->size;
        fmpq_init(flat->rate + i);
        /* where it is no number the rate stays 0, which is refused */
        if (caustic_expr_op(form->pool, own->rate) == CAUSTIC_OP_NUMBER)
            fmpq_set(flat->rate + i, caustic_expr_fmpq(form->pool, own->rate));
        i++;
    }
    product_form_lift(x, form, flat->chart->s);
    flat->loss = loss == CAUSTIC_NONE ? loss
        : caustic_mul(form->pool, factor, caustic_substitute(form->pool, loss, form->x, x, form->length));
    flint_free(x);
}

/* Whether the spheres' rates are rational numbers. */
static int
rates_are_known(const flat_t flat, caustic_text_t why)
{
    int known = 1;

    for (slong i = 0; i < flat->spheres; i++)
        known = known && fmpq_sgn(flat->rate + i) > 0;
    if (!known)
        caustic_text_append(why, "the radius of a sphere has an irrational square");
    return known;
}

int
flat_init_cover(flat_t flat, caustic_text_t why, product_form_t form, const caustic_interval_struct * box, caustic_expr factor)
{
    const caustic_setting_struct * setting = form->reduction->setting;

    set_cover(flat, form, "s", factor);
    flat->variables = setting->coordinates;
    if (!rates_are_known(flat, why))
        return 0;
    if (!product_form_choose_branches(form, box))
    {
        caustic_text_append(why, "no branch of the angles was found that is analytic on the whole box: it may go around an origin");
        return 0;
    }
    product_form_levels(flat->chart->map, form);
    product_form_heights(flat->chart->map + form->dimension, form);
    for (slong a = 0; a < flat->dimension; a++)
        flat->chart->map[a] = caustic_substitute(form->pool, flat->chart->map[a], setting->parameter, setting->section,
            form->parameters);
    return finish(flat, why, setting->coordinate);
}

int
flat_init_levels(flat_t flat, caustic_text_t why, product_form_t form, const caustic_expr * level_symbol)
{
    set_cover(flat, form, "r", caustic_integer(form->pool, 1));
    flat->variables = flat->dimension;
    for (slong a = 0; a < flat->dimension; a++)
        flat->chart->map[a] = level_symbol[a];
    return rates_are_known(flat, why) && finish(flat, why, level_symbol);
}

static void
drop_spaces(flat_t flat)
{
    for (slong i = 0; i < flat->blocks; i++)
        if (flat->block[i].ready)
        {
            caustic_space_clear(flat->block[i].space);
            flat->block[i].ready = 0;
            if (flat->block[i].pieced)
                caustic_profile_clear(flat->block[i].profile);
            flint_free(flat->block[i].profile);
            flat->block[i].profile = NULL;
            flat->block[i].pieced = 0;
        }
}

void
flat_clear(flat_t flat)
{
    drop_spaces(flat);
    if (flat->memory != NULL)
        for (slong i = 0; i < MEMORIES; i++)
        {
            _arb_vec_clear(flat->memory[i].place, flat->variables + 1);
            derivatives_clear(flat->memory[i].phi);
        }
    for (slong i = 0; i < flat->spheres; i++)
        fmpq_clear(flat->rate + i);
    flint_free(flat->rate);
    flint_free(flat->sphere);
    flint_free(flat->memory);
    flint_free(flat->block);
    caustic_tape_free(flat->map);
    caustic_tape_free(flat->slopes);
    caustic_chart_clear(flat->chart);
}

/* A loss of one coordinate with branches is taken piece by piece. */
static int
set_profile(block_struct * block, caustic_text_t why, const flat_t flat)
{
    caustic_expr * arguments;
    fmpq_t line;
    int usable = 1;

    block->pieced = block->dimension == 1 && caustic_expr_branch_arguments(&arguments, flat->pool, block->loss) > 0 && !block->zonal;
    if (block->dimension == 1)
        flint_free(arguments);
    if (block->pieced)
    {
        fmpq_init(line);
        block->profile = flint_malloc(sizeof(caustic_profile_struct));
        usable = caustic_profile_init(block->profile, flat->pool, line, flat->chart->s[block->axis[0]], block->loss, flat->viscosity,
            block->space->lower, block->space->tilt, KINK_BITS) == CAUSTIC_OK;
        fmpq_clear(line);
        if (!usable)
            caustic_text_append(why, "the pieces of the loss could not be compiled");
    }
    return usable;
}

int
flat_set_viscosity(flat_t flat, caustic_text_t why, const fmpq * viscosity)
{
    int usable = 1;

    drop_spaces(flat);
    flat->viscosity = viscosity;
    flat->nu = fmpq_get_d(viscosity);
    for (slong i = 0; i < MEMORIES; i++)
        flat->memory[i].prec = 0;
    for (slong i = 0; i < flat->blocks && usable; i++)
    {
        block_struct * block = flat->block + i;
        caustic_expr symbols[CAUSTIC_SPACE_DIMENSION];

        for (slong k = 0; k < block->dimension + block->zonal; k++)
            symbols[k] = flat->chart->s[block->axis[k]];
        usable = (block->zonal ? caustic_space_init_zonal(block->space, why, flat->pool, symbols, block->dimension, block->loss, viscosity)
            : caustic_space_init(block->space, why, flat->pool, symbols, block->dimension, block->loss, viscosity)) == CAUSTIC_OK;
        block->ready = 1;
        usable = usable && set_profile(block, why, flat);
    }
    return usable;
}

void
flat_place(arb_ptr s, const flat_t flat, arb_srcptr z, slong prec)
{
    caustic_tape_evaluate_arb(s, flat->map, z, prec);
}

/* Cell n of the box cut into so many pieces a side. */
void
flat_cell(arb_ptr z, slong n, slong pieces, const caustic_interval_struct * box, slong d)
{
    fmpq_t x, width;
    arb_t end;

    fmpq_init(x);
    fmpq_init(width);
    arb_init(end);
    for (slong i = 0; i < d; i++, n /= pieces)
    {
        fmpq_sub(width, box[i].upper, box[i].lower);
        fmpq_div_fmpz(width, width, (fmpz[]) {pieces});
        fmpq_mul_si(x, width, n % pieces);
        fmpq_add(x, x, box[i].lower);
        arb_set_fmpq(z + i, x, 128);
        fmpq_add(x, x, width);
        arb_set_fmpq(end, x, 128);
        arb_union(z + i, z + i, end, 128);
    }
    fmpq_clear(x);
    fmpq_clear(width);
    arb_clear(end);
}

slong
flat_pieces(slong * count, slong d)
{
    slong pieces = d == 1 ? 1024 : d == 2 ? 32 : d == 3 ? 12 : d == 4 ? 5 : 3;

    *count = 1;
    for (slong i = 0; i < d; i++)
        *count *= pieces;
    return pieces;
}

/* The union over cells that cover the box. */
static void
image_of_cells(arb_ptr s, const flat_t flat, const caustic_interval_struct * box)
{
    slong d = flat->dimension, count, pieces = flat_pieces(&count, flat->variables);
    arb_ptr z = _arb_vec_init(flat->variables), part = _arb_vec_init(d);

    for (slong n = 0; n < count; n++)
    {
        flat_cell(z, n, pieces, box, flat->variables);
        flat_place(part, flat, z, 128);
        for (slong a = 0; a < d; a++)
            if (n == 0)
                arb_set(s + a, part + a);
            else
                arb_union(s + a, s + a, part + a, 128);
    }
    _arb_vec_clear(z, flat->variables);
    _arb_vec_clear(part, d);
}

/* Each s^A is monotone in each coordinate, so its extremes are at corners [HEAT-15]; on covers it need not be. */
int
flat_image(arb_ptr s, const flat_t flat, const caustic_interval_struct * box)
{
    slong d = flat->dimension;
    arb_ptr z = _arb_vec_init(d), corner = _arb_vec_init(d);

    if (flat->covered)
        image_of_cells(s, flat, box);
    for (slong n = 0; !flat->covered && d <= CORNERS_LIMIT && n < (1L << d); n++)
    {
        for (slong i = 0; i < d; i++)
            arb_set_fmpq(z + i, (n >> i) & 1 ? box[i].upper : box[i].lower, 128);
        flat_place(corner, flat, z, 128);
        for (slong a = 0; a < d; a++)
            if (n == 0)
                arb_set(s + a, corner + a);
            else
                arb_union(s + a, s + a, corner + a, 128);
    }
    _arb_vec_clear(z, d);
    _arb_vec_clear(corner, d);
    return d <= CORNERS_LIMIT && _arb_vec_is_finite(s, d);
}

/* Derivatives ******************************************************************************/

/* -log f at the place, about: how small phi is. */
static double
nats_of_loss(const block_struct * block, arb_srcptr place, double nu)
{
    slong k = block->dimension;
    arb_ptr in = _arb_vec_init(k + 1);
    arb_t loss;
    double nats;

    arb_init(loss);
    _arb_vec_set(in, place, k + block->zonal);
    if (block->zonal)
        arb_acos(in + k, in + k, 64);
    caustic_tape_evaluate_arb(loss, block->space->loss, in, 64);
    nats = arf_get_d(arb_midref(loss), ARF_RND_NEAR) / (2 * nu);
    arb_clear(loss);
    _arb_vec_clear(in, k + 1);
    return nats;
}

/* The Taylor coefficients of a block's phi and phi_t as caustic_grid_expand gives them: CAUSTIC_OK; CAUSTIC_NO_RESOURCES: no splitting
   was found; CAUSTIC_UNSUPPORTED: the sum is too long. */
static caustic_result
expand_sum(arb_ptr c, arb_ptr ct, const block_struct * block, arb_srcptr place, const arb_t t, const arf_t radius_s,
    const arf_t radius_t, double nats, slong prec)
{
    caustic_result result;

    if (block->zonal)
    {
        caustic_zonal_t zonal;

        caustic_zonal_init(zonal, block->dimension, block->sphere, &block->rate);
        result = caustic_zonal_find(zonal, block->space, place, t, radius_s, radius_t, nats);
        if (result == CAUSTIC_OK)
            caustic_zonal_expand(c, ct, zonal, block->space, place, t, prec);
        caustic_zonal_clear(zonal);
    }
    else if (block->pieced)
    {
        caustic_panels_t panels;

        caustic_panels_init(panels);
        result = caustic_panels_find(panels, block->profile, place, t, radius_s, radius_t, nats);
        if (result == CAUSTIC_OK)
            caustic_panels_expand(c, ct, panels, block->profile, place, t, prec);
        caustic_panels_clear(panels);
    }
    else
    {
        caustic_grid_t grid;
        double terms = 1;

        caustic_grid_init(grid, block->dimension);
        result = caustic_grid_find(grid, block->space, place, t, radius_s, radius_t, nats);
        for (slong i = 0; i < block->dimension && result == CAUSTIC_OK; i++)
            terms *= 2.0 * grid->reach[i] + 1;
        if (terms > SUM_LIMIT)
            result = CAUSTIC_UNSUPPORTED;
        if (result == CAUSTIC_OK)
            caustic_grid_expand(c, ct, grid, block->space, place, t, prec);
        caustic_grid_clear(grid);
    }
    return result;
}

/* The jets of a block's phi (to ORDER) and phi_t (to first order) in the coordinates of the map. Returns 0 where no grid was found. */
static int
expand_block(arb_ptr value, arb_ptr slope, const caustic_jet_shape * shape, const block_struct * block, double nu,
    arb_srcptr s, const arb_t t, int sharp, slong digits, slong prec)
{
    slong k = block->dimension + block->zonal, length = caustic_jet_length(shape);
    arb_ptr place = _arb_vec_init(k), c = _arb_vec_init(1L << (2 * k)), ct = _arb_vec_init(1L << k);
    arf_t radius_s, radius_t;
    double time = arf_get_d(arb_midref(t), ARF_RND_NEAR), width = 0.6 * sqrt(nu * time), nats;
    int found = 0;

    arf_init(radius_s);
    arf_init(radius_t);
    for (slong i = 0; i < k; i++)
        arb_set(place + i, s + block->axis[i]);
    /* Polydiscs that are small cost less, and more where derivatives are asked for. */
    arf_mul_2exp_si(radius_t, arb_midref(t), sharp ? -4 : -8);
    arf_set_round(radius_t, radius_t, 12, ARF_RND_DOWN);
    arf_set_d(radius_s, sharp ? width / 2 : width / 32);
    arf_set_round(radius_s, radius_s, 12, ARF_RND_DOWN);

    nats = 2.302585092994046 * (digits + 2) + fmax(0, nats_of_loss(block, place, nu));
    if (sharp)
        nats += 2.302585092994046 * 4 + fmax(0, -3 * log(width / 2)) + fmax(0, -log(time / 16));
    _arb_vec_indeterminate(value, length);
    _arb_vec_indeterminate(slope, length);
    for (slong attempt = 0; attempt < ATTEMPTS && !found && nats < 1e6; attempt++, nats *= 1.5)
    {
        caustic_result result = expand_sum(c, ct, block, place, t, radius_s, radius_t, nats, prec);

        if (result == CAUSTIC_UNSUPPORTED)
            break;
        if (result != CAUSTIC_OK)
            continue;
        found = arb_is_positive(c) && arb_rel_accuracy_bits(c) > (slong) (3.3 * digits);
        for (slong n = 0; n < length; n++)
        {
            const slong * exponents = caustic_jet_exponents(shape, n);
            slong index = 0, index_t = 0, total = 0, inside = 0;

            for (slong a = 0; a < caustic_jet_variables(shape); a++)
                total += exponents[a];
            for (slong i = 0; i < k; i++)
            {
                index += exponents[block->axis[i]] << (2 * i);
                index_t += exponents[block->axis[i]] << i;
                inside += exponents[block->axis[i]];
            }
            if (inside < total)
            {
                /* another block's coordinate */
                arb_zero(value + n);
                arb_zero(slope + n);
                continue;
            }
            arb_set(value + n, c + index);
            if (total <= 1)
                arb_set(slope + n, ct + index_t);
            else
                arb_indeterminate(slope + n);
        }
    }
    arf_clear(radius_s);
    arf_clear(radius_t);
    _arb_vec_clear(place, k);
    _arb_vec_clear(c, 1L << (2 * k));
    _arb_vec_clear(ct, 1L << k);
    return found;
}

/* From the jet in s at s_0 to that in z: sum_a c_a prod (s^A(z) - s^A_0)^(a_A). maps are jets in z, as many as there are variables or fewer. */
static void
compose(arb_ptr res, arb_srcptr jet, arb_ptr const * maps, slong maps_length, const caustic_jet_shape * shape, slong order,
    slong prec)
{
    slong length = caustic_jet_length(shape), d = caustic_jet_variables(shape);
    arb_ptr power = _arb_vec_init(length), sum = _arb_vec_init(length);

    for (slong n = 0; n < length; n++)
    {
        const slong * exponents = caustic_jet_exponents(shape, n);
        slong total = 0;
        int used = 1;

        /* variables of the jet beyond the maps do not occur */
        for (slong a = maps_length; a < d; a++)
            used = used && exponents[a] == 0;
        if (!used)
            continue;
        _arb_vec_zero(power, length);
        arb_one(power);
        for (slong a = 0; a < maps_length; a++)
            for (slong e = 0; e < exponents[a]; e++, total++)
                caustic_jet_mul(power, power, maps[a], shape, prec);
        /* a coefficient that is not known spoils only what it enters */
        for (slong i = 0; i < length && total <= order; i++)
            if (!arb_is_zero(power + i))
                arb_addmul(sum + i, power + i, jet + n, prec);
    }
    /* What lies above the order was not known. */
    for (slong n = 0; n < length; n++)
    {
        const slong * exponents = caustic_jet_exponents(shape, n);
        slong total = 0;

        for (slong a = 0; a < d; a++)
            total += exponents[a];
        if (total > order)
            arb_indeterminate(sum + n);
    }
    _arb_vec_set(res, sum, length);
    _arb_vec_clear(power, length);
    _arb_vec_clear(sum, length);
}

/* The coefficient of z_i z_j z_k, with fewer indices where they are -1, as a derivative. */
static void
derivative_of(arb_t res, arb_srcptr jet, const caustic_jet_shape * shape, slong i, slong j, slong k, slong prec)
{
    slong d = caustic_jet_variables(shape), index[3] = {i, j, k}, factor = 1;
    slong * exponents = flint_calloc((size_t) d, sizeof(slong));

    for (slong m = 0; m < 3; m++)
        if (index[m] >= 0)
            factor *= ++exponents[index[m]];
    arb_mul_si(res, jet + caustic_jet_index(shape, exponents), factor, prec);
    flint_free(exponents);
}

static void
read_derivatives(derivatives_t phi, arb_srcptr value, arb_srcptr slope, const caustic_jet_shape * shape, slong prec)
{
    slong d = phi->dimension;

    derivative_of(phi->value, value, shape, -1, -1, -1, prec);
    derivative_of(phi->time, slope, shape, -1, -1, -1, prec);
    for (slong i = 0; i < d; i++)
    {
        derivative_of(phi->first + i, value, shape, i, -1, -1, prec);
        derivative_of(phi->time_first + i, slope, shape, i, -1, -1, prec);
        for (slong j = 0; j < d; j++)
        {
            derivative_of(phi->second + i * d + j, value, shape, i, j, -1, prec);
            for (slong k = 0; k < d; k++)
                derivative_of(phi->third + (i * d + j) * d + k, value, shape, i, j, k, prec);
        }
    }
}

static void
set_derivatives(derivatives_t res, const derivatives_t phi)
{
    slong d = phi->dimension;

    arb_set(res->value, phi->value);
    arb_set(res->time, phi->time);
    _arb_vec_set(res->first, phi->first, d);
    _arb_vec_set(res->second, phi->second, d * d);
    _arb_vec_set(res->third, phi->third, d * d * d);
    _arb_vec_set(res->time_first, phi->time_first, d);
}

static void
compute_derivatives(derivatives_t phi, const flat_t flat, arb_srcptr z, const arb_t t, int sharp, slong digits, slong prec)
{
    slong d = flat->dimension, variables = flat->variables;
    caustic_jet_shape * shape = caustic_jet_shape_new(variables, ORDER);
    slong length = caustic_jet_length(shape);
    arb_ptr room = _arb_vec_init((d + variables + 5) * length), s = _arb_vec_init(d);
    arb_ptr value = room + (d + variables) * length, slope = value + length, c = slope + length, ct = c + length, x = ct + length;
    arb_ptr * maps = flint_malloc((size_t) d * sizeof(arb_ptr));
    arb_srcptr * in = flint_malloc((size_t) variables * sizeof(arb_srcptr));
    int found = 1;

    for (slong a = 0; a < d; a++)
        maps[a] = room + a * length;
    for (slong a = 0; a < variables; a++)
    {
        in[a] = room + (d + a) * length;
        caustic_jet_variable(room + (d + a) * length, z + a, a, shape);
    }
    caustic_tape_evaluate_jet(maps, flat->map, in, shape, prec);
    for (slong a = 0; a < d; a++)
    {
        arb_set(s + a, maps[a]);
        arb_zero(maps[a]);
        found = found && arb_is_finite(s + a);
    }

    /* phi is the product, phi_t the sum over the blocks with one factor differentiated */
    arb_one(value);
    for (slong i = 0; i < flat->blocks && found; i++)
    {
        found = expand_block(c, ct, shape, flat->block + i, flat->nu, s, t, sharp, digits, prec);
        caustic_jet_mul(slope, slope, c, shape, prec);
        caustic_jet_mul(x, value, ct, shape, prec);
        caustic_jet_add(slope, slope, x, shape, prec);
        caustic_jet_mul(value, value, c, shape, prec);
    }
    if (!found)
    {
        _arb_vec_indeterminate(value, length);
        _arb_vec_indeterminate(slope, length);
    }
    compose(value, value, maps, d, shape, ORDER, prec);
    compose(slope, slope, maps, d, shape, 1, prec);
    read_derivatives(phi, value, slope, shape, prec);

    flint_free(maps);
    flint_free(in);
    _arb_vec_clear(room, (d + variables + 5) * length);
    _arb_vec_clear(s, d);
    caustic_jet_shape_free(shape);
}

void
flat_derivatives(derivatives_t phi, const flat_t flat, arb_srcptr z, const arb_t t, int sharp, slong digits, slong prec)
{
    slong d = flat->variables, oldest = 0;
    memory_struct * memory;

    for (slong i = 0; i < MEMORIES; i++)
    {
        memory = flat->memory + i;
        if (memory->prec == prec && memory->sharp >= sharp && _arb_vec_equal(memory->place, z, d) && arb_equal(memory->place + d, t))
        {
            set_derivatives(phi, memory->phi);
            return;
        }
        if (memory->prec == 0)
            oldest = i;
    }
    compute_derivatives(phi, flat, z, t, sharp, digits, prec);
    memory = flat->memory + oldest;
    memory->prec = prec;
    memory->sharp = sharp;
    _arb_vec_set(memory->place, z, d);
    arb_set(memory->place + d, t);
    set_derivatives(memory->phi, phi);
}

void
flat_entropy(arb_t u, const flat_t flat, arb_srcptr z, const arb_t t, slong digits, slong prec)
{
    derivatives_t phi;

    derivatives_init(phi, flat->variables);
    compute_derivatives(phi, flat, z, t, 0, digits, prec);
    arb_log(u, phi->value, prec);
    arb_mul_fmpz(u, u, fmpq_numref(flat->viscosity), prec);
    arb_div_fmpz(u, u, fmpq_denref(flat->viscosity), prec);
    arb_mul_si(u, u, -2, prec);
    derivatives_clear(phi);
}
