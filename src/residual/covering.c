/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    covering: sup |residual| on the whole box in flat coordinates, block by block, from phi = S + E alone [RESIDUAL-11].
*/

#include <math.h>
#include <flint/arb_hypgeom.h>
#include "base/ball.h"
#include "flat.h"

#define PREC 64
#define CELL_LIMIT 400
#define ATTEMPTS 4
#define SLOPE_PIECES 32
#define ANGLE_PIECES 16
#define NATS_LIMIT 1e5

/* The i-th of n equal parts of the ball; the parts cover it. */
static void
part_of(arb_t res, const arb_t x, slong i, slong n)
{
    arf_t radius;

    /* m + r (2i + 1 - n)/n, radius r/n */
    arf_init(radius);
    arf_set_mag(radius, arb_radref(x));
    arb_set_arf(res, radius);
    arb_mul_si(res, res, 2 * i + 1 - n, 4 * PREC);
    arb_div_si(res, res, n, 4 * PREC);
    arb_add_arf(res, res, arb_midref(x), 8 * PREC);
    arf_div_si(radius, radius, n, MAG_BITS, ARF_RND_UP);
    arb_add_error_arf(res, radius);
    arf_clear(radius);
}

/* The box ************************************************************************************/

/* sup over the box of |d_j s^A|, the largest over j, for each A. In a chart d_j s^A is a function of z_j alone [HEAT-15], so parts of
   all sides may be taken together; on covers all cells are. */
static void
slopes_on_box(arb_ptr res, const flat_t flat, const caustic_residual_options * options)
{
    slong d = flat->variables, length = flat->dimension, count = SLOPE_PIECES, pieces = SLOPE_PIECES;
    arb_ptr z = _arb_vec_init(d), slope = _arb_vec_init(length * d), side = _arb_vec_init(d);
    arb_t end;

    arb_init(end);
    if (flat->covered)
        pieces = flat_pieces(&count, d);
    else
        flat_cell(side, 0, 1, options->box, d);
    _arb_vec_zero(res, length);
    for (slong n = 0; n < count; n++)
    {
        if (flat->covered)
            flat_cell(z, n, pieces, options->box, d);
        for (slong i = 0; i < d && !flat->covered; i++)
            part_of(z + i, side + i, n, pieces);
        caustic_tape_evaluate_arb(slope, flat->slopes, z, PREC);
        for (slong a = 0; a < length; a++)
            for (slong j = 0; j < d; j++)
            {
                arb_abs(end, slope + a * d + j);
                ball_upper_end(end, end, PREC);
                arb_max(res + a, res + a, end, PREC);
            }
    }
    arb_clear(end);
    _arb_vec_clear(side, d);
    _arb_vec_clear(z, d);
    _arb_vec_clear(slope, length * d);
}

/* A lower bound of the solution ************************************************************/

/* exp(-max l/(2 nu)) over the box around s of the given half width, and all angles, exact; 0 where l is not finite. */
static void
least_of_f(arb_t res, const block_struct * block, arb_srcptr s, const arb_t width)
{
    slong k = block->dimension, sides = k + block->zonal, pieces = sides == 1 ? 8 : 3, angles = block->zonal ? ANGLE_PIECES : 1, count = 1;
    arb_ptr box = _arb_vec_init(sides), y = _arb_vec_init(sides);
    arb_t loss;
    arf_t largest, end;
    int finite = 1;

    arb_init(loss);
    arf_init(largest);
    arf_init(end);
    arf_neg_inf(largest);
    for (slong i = 0; i < k; i++, count *= pieces)
    {
        arb_get_ubound_arf(end, width, PREC);
        arb_set(box + i, s + i);
        arb_add_error_arf(box + i, end);
    }
    if (block->zonal)
    {
        arb_const_pi(box + k, PREC);
        arb_zero(loss);
        arb_union(box + k, box + k, loss, PREC);
    }
    for (slong n = 0; n < count * angles && finite; n++)
    {
        slong index = n / angles;

        for (slong i = 0; i < k; i++, index /= pieces)
            part_of(y + i, box + i, index % pieces, pieces);
        if (block->zonal)
            part_of(y + k, box + k, n % angles, angles);
        caustic_tape_evaluate_arb(loss, block->space->loss, y, PREC);
        finite = arb_is_finite(loss);
        arb_get_ubound_arf(end, loss, PREC);
        arf_max(largest, largest, end);
    }
    arb_zero(res);
    if (finite)
    {
        arb_set_arf(loss, largest);
        arb_div_fmpz(loss, loss, fmpq_numref(block->space->viscosity), PREC);
        arb_mul_fmpz(loss, loss, fmpq_denref(block->space->viscosity), PREC);
        arb_mul_2exp_si(loss, loss, -1);
        arb_neg(loss, loss);
        arb_exp(loss, loss, PREC);
        arb_get_lbound_arf(end, loss, PREC);
        if (arf_is_finite(end) && arf_sgn(end) > 0)
            arb_set_arf(res, end);
    }
    arb_clear(loss);
    arf_clear(largest);
    arf_clear(end);
    _arb_vec_clear(box, sides);
    _arb_vec_clear(y, sides);
}

/* [RESIDUAL-2] in k dimensions: phi >= P(|Z| <= q)^k times the least of f within q sqrt(2 nu t1) of s, in each coordinate. */
static void
mass_around(arb_t best, const block_struct * block, arb_srcptr s, const arb_t t)
{
    arb_t width, part, f, x;
    arf_t end;

    arb_init(width);
    arb_init(part);
    arb_init(f);
    arb_init(x);
    arf_init(end);
    arb_zero(best);
    arb_get_ubound_arf(end, t, PREC);
    arb_set_fmpq(width, block->space->viscosity, PREC);
    arb_mul_arf(width, width, end, PREC);
    arb_mul_2exp_si(width, width, 1);
    arb_sqrt(width, width, PREC);
    for (slong exponent = -4; exponent <= 1; exponent++)
    {
        arb_mul_2exp_si(part, width, exponent);
        least_of_f(f, block, s, part);
        /* P(|Z| <= q) = erf(q/sqrt 2) */
        arb_set_ui(x, 2);
        arb_rsqrt(x, x, PREC);
        arb_mul_2exp_si(x, x, exponent);
        arb_hypgeom_erf(x, x, PREC);
        arb_pow_ui(x, x, (ulong) block->dimension, PREC);
        arb_mul(x, x, f, PREC);
        arb_get_lbound_arf(end, x, PREC);
        if (arf_is_finite(end) && arf_cmp(end, arb_midref(best)) > 0)
            arb_set_arf(best, end);
    }
    arb_clear(width);
    arb_clear(part);
    arb_clear(f);
    arb_clear(x);
    arf_clear(end);
}

/* A lower bound of the block's phi on the cell (k sides and the times), exact; 0 where none was found. */
static void
solution_lower(arb_t res, const block_struct * block, arb_srcptr cell)
{
    slong k = block->dimension, pieces = k <= 1 ? 16 : k == 2 ? 4 : 2, count = 1;
    arb_ptr s = _arb_vec_init(k);
    arb_t t, mass;

    arb_init(t);
    arb_init(mass);
    arb_pos_inf(res);
    for (slong i = 0; i < k; i++)
        count *= pieces;
    for (slong n = 0; n < 2 * count; n++)
    {
        slong index = n / 2;

        for (slong i = 0; i < k; i++, index /= pieces)
            part_of(s + i, cell + i, index % pieces, pieces);
        part_of(t, cell + k + block->zonal, n % 2, 2);
        mass_around(mass, block, s, t);
        arb_min(res, res, mass, PREC);
    }
    arb_clear(t);
    arb_clear(mass);
    _arb_vec_clear(s, k);
}

/* Residuals *********************************************************************************/

/* phi = S + E on a cell: what the bounds need of it. */
typedef struct
{
    arf_t radius_s, radius_t;
    arb_t error;  /* |E| <= error on the polydiscs */
    arb_t mass;   /* |phi| <= mass there */
}
splitting_struct;

static void
splitting_init(splitting_struct * splitting)
{
    arf_init(splitting->radius_s);
    arf_init(splitting->radius_t);
    arb_init(splitting->error);
    arb_init(splitting->mass);
}

static void
splitting_clear(splitting_struct * splitting)
{
    arf_clear(splitting->radius_s);
    arf_clear(splitting->radius_t);
    arb_clear(splitting->error);
    arb_clear(splitting->mass);
}

/* By a tensor trapezoid sum [HEAT-12], or where the loss has kinks by Gauss-Legendre sums between them [HEAT-52]. Returns 0 where
   none was found. */
static int
find_splitting(splitting_struct * splitting, const block_struct * block, arb_srcptr cell, double nats)
{
    slong k = block->dimension;
    int found;

    if (block->pieced)
    {
        caustic_panels_t panels;

        caustic_panels_init(panels);
        found = caustic_panels_find(panels, block->profile, cell, cell + k, splitting->radius_s, splitting->radius_t, nats) == CAUSTIC_OK;
        arb_set(splitting->error, panels->error);
        arb_set(splitting->mass, panels->mass);
        caustic_panels_clear(panels);
    }
    else
    {
        caustic_grid_t grid;

        caustic_grid_init(grid, k);
        found = caustic_grid_find(grid, block->space, cell, cell + k, splitting->radius_s, splitting->radius_t, nats) == CAUSTIC_OK;
        arb_set(splitting->error, grid->error);
        arb_set(splitting->mass, grid->mass);
        caustic_grid_clear(grid);
    }
    return found;
}

/* From bounds of |r|, |d_A r| and |d_A phi|: 2 nu |r|/phi, and 2 nu |d_A (r/phi)| raised to the largest so far. */
static void
quotient_bounds(arb_t hamilton_jacobi, arb_t burgers, const arb_t r, const arb_t slope, const arb_t phi_slope, const arb_t nu,
    const arb_t lower)
{
    arb_t x;

    arb_init(x);
    arb_mul(hamilton_jacobi, r, nu, PREC);
    arb_mul_2exp_si(hamilton_jacobi, hamilton_jacobi, 1);
    arb_div(hamilton_jacobi, hamilton_jacobi, lower, PREC);
    ball_upper_end(hamilton_jacobi, hamilton_jacobi, PREC);
    arb_mul(x, slope, nu, PREC);
    arb_mul_2exp_si(x, x, 1);
    arb_addmul(x, hamilton_jacobi, phi_slope, PREC);
    arb_div(x, x, lower, PREC);
    ball_upper_end(x, x, PREC);
    arb_max(burgers, burgers, x, PREC);
    arb_clear(x);
}

/* c_t/r_t + c_s nu/r_s^2 times the error, over r_s where `order` is 1 */
static void
cauchy(arb_t res, const arf_t radius_s, const arf_t radius_t, const arb_t error, slong c, slong order, const arb_t nu)
{
    arb_t rs, x;

    arb_init(rs);
    arb_init(x);
    arb_set_arf(rs, radius_s);
    arb_inv(rs, rs, PREC);
    arb_sqr(x, rs, PREC);
    arb_mul(x, x, nu, PREC);
    arb_mul_si(res, x, c, PREC);
    arb_set_arf(x, radius_t);
    arb_inv(x, x, PREC);
    arb_add(res, res, x, PREC);
    if (order == 1)
        arb_mul(res, res, rs, PREC);
    arb_mul(res, res, error, PREC);
    arb_clear(rs);
    arb_clear(x);
}

/* [RESIDUAL-11] Upper bounds of 2 nu |r|/phi and of 2 nu |d_A (r/phi)|, r = E_t - nu Laplace E:
   R = 1/r_t + 2 k nu/r_s^2 and R' = (1/r_t + (2k + 4) nu/r_s^2)/r_s by Cauchy, |phi_A| <= mass/r_s. */
static void
residual_bounds(arb_t hamilton_jacobi, arb_t burgers, const splitting_struct * splitting, const block_struct * block, const arb_t lower)
{
    slong k = block->dimension;
    arb_t nu, r, slope, phi_slope;

    arb_init(nu);
    arb_init(r);
    arb_init(slope);
    arb_init(phi_slope);
    arb_set_fmpq(nu, block->space->viscosity, PREC);
    cauchy(r, splitting->radius_s, splitting->radius_t, splitting->error, 2 * k, 0, nu);
    cauchy(slope, splitting->radius_s, splitting->radius_t, splitting->error, 2 * k + 4, 1, nu);
    arb_div_arf(phi_slope, splitting->mass, splitting->radius_s, PREC);
    arb_zero(burgers);
    quotient_bounds(hamilton_jacobi, burgers, r, slope, phi_slope, nu, lower);
    arb_clear(nu);
    arb_clear(r);
    arb_clear(slope);
    arb_clear(phi_slope);
}

/* [RESIDUAL-15] The same for a sphere as another factor: r = E_t - nu (Laplace_s + L_x) E, the derivative in t of the sphere's
   semigroup bounded by L_x, and d_A one in s or in x; |phi_x| <= mass smoothing_1. */
static void
zonal_residual_bounds(arb_t hamilton_jacobi, arb_t burgers, const caustic_zonal_t zonal, const block_struct * block, const arb_t lower)
{
    slong k = block->dimension;
    arb_t nu, r, slope, phi_slope, around;

    arb_init(nu);
    arb_init(r);
    arb_init(slope);
    arb_init(phi_slope);
    arb_init(around);
    arb_set_fmpq(nu, block->space->viscosity, PREC);
    arb_zero(burgers);
    for (slong order = 0; order <= 1; order++)
    {
        /* twice: as the derivative in t, and as the term of the equation */
        caustic_zonal_operator_bound(around, zonal, zonal->defect, order);
        arb_mul(around, around, nu, PREC);
        arb_mul_2exp_si(around, around, 1);
        if (k > 0)
        {
            cauchy(slope, zonal->grid->radius_s, zonal->grid->radius_t, zonal->defect + order, 2 * k, 0, nu);
            arb_add(around, around, slope, PREC);
        }
        if (order == 0)
            arb_set(r, around);
    }
    arb_mul(phi_slope, zonal->grid->mass, zonal->smoothing + 1, PREC);
    quotient_bounds(hamilton_jacobi, burgers, r, around, phi_slope, nu, lower);
    if (k > 0)
    {
        cauchy(slope, zonal->grid->radius_s, zonal->grid->radius_t, zonal->defect, 2 * k + 4, 1, nu);
        caustic_zonal_operator_bound(around, zonal, zonal->defect, 0);
        arb_mul(around, around, nu, PREC);
        arb_mul_2exp_si(around, around, 1);
        arb_div_arf(around, around, zonal->grid->radius_s, PREC);
        arb_add(slope, slope, around, PREC);
        arb_div_arf(phi_slope, zonal->grid->mass, zonal->grid->radius_s, PREC);
        quotient_bounds(hamilton_jacobi, burgers, r, slope, phi_slope, nu, lower);
    }
    arb_clear(nu);
    arb_clear(r);
    arb_clear(slope);
    arb_clear(phi_slope);
    arb_clear(around);
}

typedef enum
{
    LACKS_NOTHING,
    LACKS_LOWER_BOUND,
    LACKS_GRID,
    LACKS_ACCURACY
}
lack;

/* The bounds for a sum that aims at exp(-nats); 0 where there is none. */
static int
bounds_of_sum(arb_t hamilton_jacobi, arb_t burgers, splitting_struct * splitting, const block_struct * block, arb_srcptr cell,
    double nats, const arb_t lower)
{
    int found;

    if (block->zonal)
    {
        caustic_zonal_t zonal;

        caustic_zonal_init(zonal, block->dimension, block->sphere, &block->rate);
        found = caustic_zonal_find(zonal, block->space, cell, cell + block->dimension + 1, splitting->radius_s, splitting->radius_t, nats)
            == CAUSTIC_OK;
        if (found)
            zonal_residual_bounds(hamilton_jacobi, burgers, zonal, block, lower);
        caustic_zonal_clear(zonal);
    }
    else
    {
        found = find_splitting(splitting, block, cell, nats);
        if (found)
            residual_bounds(hamilton_jacobi, burgers, splitting, block, lower);
    }
    return found;
}

/* Bounds on one cell; LACKS_NOTHING if both are <= tolerance. */
static lack
cell_bounds(arb_t hamilton_jacobi, arb_t burgers, const block_struct * block, arb_srcptr cell, const arb_t tolerance)
{
    slong k = block->dimension + block->zonal;
    splitting_struct splitting;
    arf_t first;
    arb_t lower;
    double nu = fmpq_get_d(block->space->viscosity), nats, excess;
    lack lacks = LACKS_LOWER_BOUND;

    splitting_init(&splitting);
    arf_init(first);
    arb_init(lower);
    arb_indeterminate(hamilton_jacobi);
    arb_indeterminate(burgers);
    arb_get_lbound_arf(first, cell + k, PREC);
    solution_lower(lower, block, cell);
    if (arb_is_positive(lower) && arb_is_finite(lower) && arf_sgn(first) > 0)
    {
        arf_mul_2exp_si(splitting.radius_t, first, -3);
        arf_set_round(splitting.radius_t, splitting.radius_t, 12, ARF_RND_DOWN);
        arf_set_d(splitting.radius_s, 0.6 * sqrt(nu * arf_get_d(first, ARF_RND_DOWN)));
        arf_set_round(splitting.radius_s, splitting.radius_s, 12, ARF_RND_DOWN);
        nats = fmax(8, -ball_log_guess(tolerance) - ball_log_guess(lower) + 10);
        lacks = LACKS_ACCURACY;
        for (slong attempt = 0; attempt < ATTEMPTS && lacks == LACKS_ACCURACY && nats < NATS_LIMIT; attempt++)
        {
            if (!bounds_of_sum(hamilton_jacobi, burgers, &splitting, block, cell, nats, lower))
            {
                lacks = LACKS_GRID;
                break;
            }
            if (arb_is_finite(hamilton_jacobi) && arb_is_finite(burgers) && arb_le(hamilton_jacobi, tolerance)
                && arb_le(burgers, tolerance))
                lacks = LACKS_NOTHING;
            excess = fmax(ball_log_guess(hamilton_jacobi), ball_log_guess(burgers)) - ball_log_guess(tolerance);
            nats += fmax(excess, 0) + 5;
        }
    }
    splitting_clear(&splitting);
    arf_clear(first);
    arb_clear(lower);
    return lacks;
}

/* The side to halve: the times where they differ by more than a factor 2, else the longest flat one. */
static slong
side_to_halve(arb_srcptr cell, slong k, slong time)
{
    slong longest = k > 0 ? 0 : time;
    arb_t x;
    int spread;

    arb_init(x);
    arb_div_arf(x, cell + time, arb_midref(cell + time), PREC);
    /* (m + r)/(m - r) > 2 is r > m/3 */
    spread = mag_cmp_2exp_si(arb_radref(x), -2) > 0;
    arb_clear(x);
    for (slong i = 1; i < k; i++)
        if (mag_cmp(arb_radref(cell + i), arb_radref(cell + longest)) > 0)
            longest = i;
    return spread ? time : longest;
}

/* Where the bounds were not reached, and why. */
static void
explain(caustic_text_t out, const flat_t flat, const block_struct * block, arb_srcptr cell, lack lacks, slong cells)
{
    static const char * const reasons[] = {
        [LACKS_LOWER_BOUND] = "no positive lower bound of the solution was found there",
        [LACKS_GRID] = "no strips of complex numbers were found in which the loss is holomorphic and bounded well enough",
        [LACKS_ACCURACY] = "the errors stayed too large there"
    };

    caustic_expr * branches;
    slong sides = block->dimension + block->zonal;

    caustic_text_append(out, "the tolerance was not reached for ");
    for (slong i = 0; i <= sides; i++)
    {
        arb_t end;
        arf_t x;

        arb_init(end);
        arf_init(x);
        caustic_text_printf(out, "%s%s in [", i > 0 ? ", " : "",
            i == sides ? "t" : i < block->dimension ? caustic_expr_name(flat->pool, flat->chart->s[block->axis[i]]) : "the cosine of the angle");
        arb_get_lbound_arf(x, cell + i, PREC);
        arb_set_arf(end, x);
        caustic_print_lower(out, end, 6);
        caustic_text_append(out, ", ");
        arb_get_ubound_arf(x, cell + i, PREC);
        arb_set_arf(end, x);
        caustic_print_upper(out, end, 6);
        caustic_text_append(out, "]");
        arb_clear(end);
        arf_clear(x);
    }
    caustic_text_printf(out, ": %s (%ld cells done)", reasons[lacks], (long) cells);
    if (lacks != LACKS_LOWER_BOUND && caustic_expr_branch_arguments(&branches, flat->pool, block->loss) > 0)
    {
        caustic_text_append(out, "; the loss has a kink where ");
        caustic_expr_print(out, flat->pool, branches[0]);
        caustic_text_append(out, " = 0");
        caustic_text_append(out, block->dimension == 1 ? "" : ". A kernel sum in several coordinates cannot follow a kink: take a"
            " smooth loss, such as softplus for relu, or one that is a sum of losses of one flat coordinate each");
    }
    if (lacks != LACKS_LOWER_BOUND)
        flint_free(branches);
}

/* Bounds of the block's share on its side of the box, halving cells where that fails; the number of cells, 0 where
   that did not succeed. */
static slong
cover_block(arb_t hamilton_jacobi, arb_t burgers, caustic_text_t why, const flat_t flat, const block_struct * block,
    arb_srcptr box, const arb_t tolerance)
{
    slong k = block->dimension + block->zonal, length = 1, cells = 0;
    arb_ptr stack = _arb_vec_init((k + 1) * (CELL_LIMIT + 2));
    arb_t x, y;
    lack lacks = LACKS_NOTHING;

    arb_init(x);
    arb_init(y);
    arb_zero(hamilton_jacobi);
    arb_zero(burgers);
    _arb_vec_set(stack, box, k + 1);
    while (length > 0)
    {
        arb_ptr cell = stack + (length - 1) * (k + 1);

        lacks = cell_bounds(x, y, block, cell, tolerance);
        if (lacks == LACKS_NOTHING)
        {
            arb_max(hamilton_jacobi, hamilton_jacobi, x, PREC);
            arb_max(burgers, burgers, y, PREC);
            cells++;
            length--;
        }
        else if (cells + length < CELL_LIMIT)
        {
            slong side = side_to_halve(cell, block->dimension, k);

            _arb_vec_set(cell + k + 1, cell, k + 1);
            part_of(x, cell + side, 0, 2);
            part_of(y, cell + side, 1, 2);
            arb_set(cell + side, x);
            arb_set(cell + k + 1 + side, y);
            length++;
        }
        else
        {
            explain(why, flat, block, cell, lacks, cells);
            break;
        }
    }
    arb_clear(x);
    arb_clear(y);
    _arb_vec_clear(stack, (k + 1) * (CELL_LIMIT + 2));
    return length > 0 ? 0 : cells;
}

static void
settle(outcome_t outcome, const arb_t bound, const arb_t tolerance, const char * how, const char * shortfall)
{
    arb_set(outcome->bound, bound);
    outcome->verdict = shortfall[0] == '\0' && arb_is_finite(bound) && arb_le(bound, tolerance) ? CAUSTIC_PROVED
        : CAUSTIC_UNDECIDED;
    caustic_text_append(outcome->detail, shortfall[0] == '\0' ? how : shortfall);
}

void
cover_residuals(outcome_t hamilton_jacobi, outcome_t burgers, const flat_t flat, const caustic_residual_options * options)
{
    slong d = flat->dimension, cells = 0;
    arb_ptr s = _arb_vec_init(d), slope = _arb_vec_init(d), box = _arb_vec_init(CAUSTIC_SPACE_DIMENSION + 1);
    arb_t tolerance, share, total, x, y, sum_x, sum_y;
    caustic_text_t why, how;

    caustic_text_init(why);
    caustic_text_init(how);
    arb_init(tolerance);
    arb_init(share);
    arb_init(total);
    arb_init(x);
    arb_init(y);
    arb_init(sum_x);
    arb_init(sum_y);
    arb_set_fmpq(tolerance, options->tolerance, PREC);
    slopes_on_box(slope, flat, options);
    if (!flat_image(s, flat, options->box) || !_arb_vec_is_finite(slope, d))
        caustic_text_append(why, "the image of the box in the flat coordinates is not bounded");

    /* every block may use its share of the tolerance */
    for (slong a = 0; a < d; a++)
        arb_add(total, total, slope + a, PREC);
    arb_add_ui(total, total, 1, PREC);
    arb_mul_si(total, total, flat->blocks, PREC);
    arb_div(share, tolerance, total, PREC);
    for (slong i = 0; i < flat->blocks && why->length == 0; i++)
    {
        const block_struct * block = flat->block + i;
        slong k = block->dimension + block->zonal, count;

        for (slong j = 0; j < k; j++)
            arb_set(box + j, s + block->axis[j]);
        arb_set_fmpq(box + k, options->time->lower, PREC);
        arb_set_fmpq(x, options->time->upper, PREC);
        arb_union(box + k, box + k, x, PREC);
        count = cover_block(x, y, why, flat, block, box, share);
        cells += count;

        /* d_j of the sum over the blocks, by the chain rule */
        arb_add(sum_x, sum_x, x, PREC);
        arb_zero(total);
        for (slong j = 0; j < k; j++)
            arb_add(total, total, slope + block->axis[j], PREC);
        arb_addmul(sum_y, y, total, PREC);
    }
    if (why->length > 0)
    {
        arb_indeterminate(sum_x);
        arb_indeterminate(sum_y);
    }
    ball_upper_end(sum_x, sum_x, PREC);
    ball_upper_end(sum_y, sum_y, PREC);
    caustic_text_printf(how, "uniform on the whole box (%ld %s of space and time; the loss is a sum of %ld in %ld flat"
        " coordinates%s%s)", (long) cells, cells == 1 ? "cell" : "cells", (long) flat->blocks, (long) (d - flat->spheres),
        flat->spheres == 0 ? "" : flat->spheres == 1 ? " and the angle of a sphere" : " and angles of spheres",
        flat->covered ? " of the universal cover [HEAT-32]" : "");
    settle(hamilton_jacobi, sum_x, tolerance, how->data, why->data);
    settle(burgers, sum_y, tolerance, how->data, why->data);

    caustic_text_clear(why);
    caustic_text_clear(how);
    arb_clear(tolerance);
    arb_clear(share);
    arb_clear(total);
    arb_clear(x);
    arb_clear(y);
    arb_clear(sum_x);
    arb_clear(sum_y);
    _arb_vec_clear(s, d);
    _arb_vec_clear(slope, d);
    _arb_vec_clear(box, CAUSTIC_SPACE_DIMENSION + 1);
}
