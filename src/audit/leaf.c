/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    leaf: where the drift does not project, it may do so on each leaf Q = c of the charges: F_0 = K_c(z).
*/

#include <string.h>
#include <flint/fmpq_mat.h>
#include <flint/fmpz_mat.h>
#include "audit_internal.h"

#define POINTS_TRIED 60

/* The torus case *****************************************************************************/

/* Whether every generator is sum_b q_b theta_b d_b with rational q_b: the charges q, k x N. */
static int
read_charges(fmpq_mat_t charges, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    const caustic_setting_struct * setting = work->setting;
    int diagonal = 1;
    gr_ptr x, theta;
    fmpq_t q;

    GR_TMP_INIT2(x, theta, ctx);
    fmpq_init(q);
    for (slong a = 0; a < work->generators && diagonal; a++)
        for (slong b = 0; b < work->parameters && diagonal; b++)
        {
            diagonal = caustic_field_set_expr(x, setting->generator[a * work->parameters + b], ctx) == GR_SUCCESS
                && caustic_field_set_expr(theta, setting->parameter[b], ctx) == GR_SUCCESS
                && gr_div(x, x, theta, ctx) == GR_SUCCESS && caustic_field_get_fmpq(q, x, ctx) == T_TRUE;
            if (diagonal)
                fmpq_set(fmpq_mat_entry(charges, a, b), q);
        }
    fmpq_clear(q);
    GR_TMP_CLEAR2(x, theta, ctx);
    return diagonal;
}

/* Whether the invariants' fibres are the orbits of the connected group: what the reduction proved, not what it assumes. */
static int
separates_orbits(const audit_work_t work)
{
    const caustic_reduction_struct * reduction = work->reduction;
    int separates = 1;

    for (slong i = 0; i < reduction->assumptions_length && separates; i++)
        separates = strcmp(reduction->assumptions[i], "orbit separation") != 0;
    return separates;
}

/* [AUDIT-4] On an orbit of a torus the charges of a constant diagonal metric are the gradient of a strictly convex
   function, so that invariants and charges together determine the point. */
static int
is_torus(const audit_work_t work)
{
    slong k = work->generators;
    fmpq_mat_t charges;
    int answer;

    fmpq_mat_init(charges, k, work->parameters);
    answer = k > 0 && work->section_proved && work->is_constant_diagonal && work->charge_slope->r == k
        && read_charges(charges, work) && separates_orbits(work);
    fmpq_mat_clear(charges);
    return answer;
}

static int
try_torus(const audit_work_t work)
{
    caustic_audit_struct * audit = work->audit;
    const char * why;

    if (!work->elements_keep_force)
        return 0;
    audit_torus((audit_work_struct *) work);
    if (audit->leaf_cometric != NULL)
        why = "F_0 is a function K_c of the invariants on every leaf Q = c, identically: K_c(z(theta)) with c = Q(theta) is F_0(theta)";
    else if (audit->implicit.unknowns > 0)
        why = "F_0 is a function K_c of the invariants on every leaf Q = c, implicitly: the squares of the parameters are affine in c and"
            " the unknowns, and log z^2 is, in the unknowns, the gradient of the strictly convex function"
            " sum_b (X_b log X_b - X_b)/A_b, so that z and c determine them";
    else if (is_torus(work))
        why = "F_0 is a function K_c of the invariants on every leaf Q = c, implicitly: on an orbit the charges are the gradient"
            " of a strictly convex function, so invariants and charges determine the point";
    else
        return 0;
    audit->verdict = CAUSTIC_AUDIT_HOLDS_ON_LEAVES;
    caustic_checks_add(audit->checks, "leaf_cometric", CAUSTIC_PROVED, "%s", why);
    return 1;
}

/* A direction ********************************************************************************/

/* The rational matrix of the differentials of invariants and charges at a point; 0 if an entry is not rational. */
static int
differentials_at(fmpq_mat_t res, const fmpq * theta, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong d = work->coordinates;
    int rational = 1;

    for (slong i = 0; i < res->r && rational; i++)
        for (slong a = 0; a < work->parameters && rational; a++)
        {
            gr_srcptr entry = i < d ? gr_mat_entry_srcptr(work->jacobian, i, a, ctx)
                : gr_mat_entry_srcptr(work->charge_slope, i - d, a, ctx);

            rational = rational_value(fmpq_mat_entry(res, i, a), caustic_field_get_expr(entry, ctx), theta, work);
        }
    return rational;
}

/* V^a d_a F_0^{ij} at the point. */
static int
derivative_along(fmpq_t res, slong entry, const fmpq * theta, const fmpz_mat_t direction, slong column, const audit_work_t work)
{
    caustic_pool * pool = work->setting->pool;
    int rational = 1;
    fmpq_t slope;

    fmpq_init(slope);
    fmpq_zero(res);
    for (slong a = 0; a < work->parameters && rational; a++)
    {
        if (fmpz_is_zero(fmpz_mat_entry(direction, a, column)))
            continue;
        rational = rational_value(slope, caustic_derivative(pool, work->force_expr[entry], work->setting->parameter[a]), theta, work);
        fmpq_mul_fmpz(slope, slope, fmpz_mat_entry(direction, a, column));
        fmpq_add(res, res, slope);
    }
    fmpq_clear(slope);
    return rational;
}

static void
keep_direction(const audit_work_t work, const fmpq * theta, const fmpz_mat_t kernel, slong column, slong entry, const fmpq_t slope)
{
    caustic_audit_witness * witness = &work->audit->witness;
    slong n = work->parameters;
    fmpz_t common;

    if (!witness->present)
    {
        witness->length = n;
        witness->point = flint_malloc((size_t) n * sizeof(fmpq));
        witness->other = flint_malloc((size_t) n * sizeof(fmpq));
        for (slong a = 0; a < n; a++)
        {
            fmpq_init(witness->point + a);
            fmpq_init(witness->other + a);
        }
    }
    fmpz_init(common);
    for (slong a = 0; a < n; a++)
        fmpz_gcd(common, common, fmpz_mat_entry(kernel, a, column));
    witness->present = 2;
    witness->i = entry / work->size;
    witness->j = entry % work->size;
    for (slong a = 0; a < n; a++)
    {
        fmpq_set(witness->point + a, theta + a);
        fmpq_set_fmpz(witness->other + a, fmpz_mat_entry(kernel, a, column));
        fmpq_div_fmpz(witness->other + a, witness->other + a, common);
    }
    (void) rational_value(witness->value, work->force_expr[entry], theta, work);
    fmpq_div_fmpz(witness->other_value, slope, common);
    fmpz_clear(common);
}

/* [AUDIT-5] A vector tangent to the level sets of invariants and charges, at a point where their differentials are
   independent, along which F_0 changes: F_0 is not a function of them. 1 if found. */
static int
find_direction(const audit_work_t work)
{
    slong n = work->parameters, d = work->coordinates, rows = d + work->charge_slope->r;
    fmpq * theta = flint_malloc((size_t) n * sizeof(fmpq));
    fmpq_mat_t differentials;
    fmpz_mat_t integers, kernel;
    fmpq_t slope;
    int found = 0;

    fmpq_mat_init(differentials, rows, n);
    fmpz_mat_init(integers, rows, n);
    fmpz_mat_init(kernel, n, n);
    fmpq_init(slope);
    for (slong a = 0; a < n; a++)
        fmpq_init(theta + a);

    for (slong p = 0; p < POINTS_TRIED && !found && rows < n; p++)
    {
        slong nullity;

        if (!small_point(theta, work, p) || !differentials_at(differentials, theta, work))
            continue;
        fmpq_mat_get_fmpz_mat_rowwise(integers, NULL, differentials);
        nullity = fmpz_mat_nullspace(kernel, integers);
        for (slong column = 0; column < nullity && nullity == n - rows && !found; column++)
            for (slong entry = 0; entry < work->size * work->size && !found; entry++)
            {
                found = derivative_along(slope, entry, theta, kernel, column, work) && !fmpq_is_zero(slope);
                if (found)
                    keep_direction(work, theta, kernel, column, entry, slope);
            }
    }

    fmpq_mat_clear(differentials);
    fmpz_mat_clear(integers);
    fmpz_mat_clear(kernel);
    fmpq_clear(slope);
    for (slong a = 0; a < n; a++)
        fmpq_clear(theta + a);
    flint_free(theta);
    return found;
}

/* Subgroups ********************************************************************************/

/* xi f for generator a; 1 if it vanishes identically. */
static int
annihilates(slong generator, gr_srcptr f, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters;
    int status, zero;
    gr_ptr sum, slope, speed;

    GR_TMP_INIT3(sum, slope, speed, ctx);
    status = gr_zero(sum, ctx);
    for (slong b = 0; b < n; b++)
    {
        status |= caustic_field_set_expr(speed, work->setting->generator[generator * n + b], ctx);
        if (gr_is_zero(speed, ctx) == T_TRUE)
            continue;
        status |= caustic_field_derivative(slope, f, b, ctx);
        status |= gr_mul(slope, slope, speed, ctx);
        status |= gr_add(sum, sum, slope, ctx);
    }
    zero = status == GR_SUCCESS && caustic_field_is_zero(sum, NULL, ctx) == T_TRUE;
    GR_TMP_CLEAR3(sum, slope, speed, ctx);
    return zero;
}

/* Whether the flow of a generator keeps F_0 and every charge. xi Q = dQ(xi). */
static int
keeps_leaves_and_force(slong generator, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters, d = work->size;
    int keeps = 1;
    gr_ptr sum, speed;

    GR_TMP_INIT2(sum, speed, ctx);
    for (slong q = 0; q < work->charge_slope->r && keeps; q++)
    {
        int status = gr_zero(sum, ctx);

        for (slong b = 0; b < n; b++)
        {
            status |= caustic_field_set_expr(speed, work->setting->generator[generator * n + b], ctx);
            status |= gr_mul(speed, speed, gr_mat_entry_srcptr(work->charge_slope, q, b, ctx), ctx);
            status |= gr_add(sum, sum, speed, ctx);
        }
        keeps = status == GR_SUCCESS && caustic_field_is_zero(sum, NULL, ctx) == T_TRUE;
    }
    for (slong i = 0; i < d * d && keeps; i++)
        keeps = annihilates(generator, gr_mat_entry_srcptr(work->force, i / d, i % d, ctx), work);
    GR_TMP_CLEAR2(sum, speed, ctx);
    return keeps;
}

/* Whether invariants and charges have independent differentials at some rational point, so almost everywhere. */
static int
are_independent(const audit_work_t work)
{
    slong n = work->parameters, rows = work->coordinates + work->charge_slope->r;
    fmpq * theta = flint_malloc((size_t) n * sizeof(fmpq));
    fmpq_mat_t differentials;
    int independent = 0;

    fmpq_mat_init(differentials, rows, n);
    for (slong a = 0; a < n; a++)
        fmpq_init(theta + a);
    for (slong p = 0; p < POINTS_TRIED && !independent; p++)
        if (small_point(theta, work, p) && differentials_at(differentials, theta, work))
            independent = fmpq_mat_rref(differentials, differentials) == rows;
    for (slong a = 0; a < n; a++)
        fmpq_clear(theta + a);
    flint_free(theta);
    fmpq_mat_clear(differentials);
    return independent;
}

/* The largest rank of some of the generators at a few rational points. */
static slong
rank_of_generators(const slong * which, slong length, const audit_work_t work)
{
    slong n = work->parameters, best = 0;
    fmpq * theta = flint_malloc((size_t) n * sizeof(fmpq));
    fmpq_mat_t values;

    fmpq_mat_init(values, length, n);
    for (slong a = 0; a < n; a++)
        fmpq_init(theta + a);
    for (slong p = 0; p < POINTS_TRIED && best < length; p++)
    {
        int rational = small_point(theta, work, p);

        for (slong a = 0; a < length && rational; a++)
            for (slong b = 0; b < n && rational; b++)
                rational = rational_value(fmpq_mat_entry(values, a, b), work->setting->generator[which[a] * n + b], theta, work);
        if (rational)
            best = FLINT_MAX(best, fmpq_mat_rref(values, values));
    }
    for (slong a = 0; a < n; a++)
        fmpq_clear(theta + a);
    flint_free(theta);
    fmpq_mat_clear(values);
    return best;
}

/* [AUDIT-6] Where generators that keep F_0 and the charges fill the level sets of invariants and charges, F_0 is
   locally a function of these. */
static int
try_subgroup(const audit_work_t work)
{
    slong rest = work->parameters - work->coordinates - work->charge_slope->r, kept = 0;
    slong * keeper;
    int fills;

    if (rest < 0 || work->charge_slope->r == 0 || !work->elements_keep_force || !are_independent(work))
        return 0;
    keeper = flint_malloc((size_t) FLINT_MAX(work->generators, 1) * sizeof(slong));
    for (slong a = 0; a < work->generators; a++)
        if (keeps_leaves_and_force(a, work))
            keeper[kept++] = a;
    fills = rest == 0 || rank_of_generators(keeper, kept, work) >= rest;
    flint_free(keeper);
    if (!fills)
        return 0;

    work->audit->verdict = CAUSTIC_AUDIT_HOLDS_ON_LEAVES;
    work->audit->leaves_are_local = 1;
    caustic_checks_add(work->audit->checks, "leaf_cometric", CAUSTIC_PROVED, rest == 0
        ? "invariants and charges are local coordinates almost everywhere, so F_0 is locally a function K_c of the invariants on a leaf"
        : "the level sets of invariants and charges are, locally, orbits of a subgroup that keeps F_0, which is therefore locally a"
          " function K_c of the invariants on a leaf");
    return 1;
}

/* "a = 1, w = 2", or "1, 2" */
static void
write_numbers(caustic_text_t text, const fmpq * numbers, int names, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;

    for (slong a = 0; a < setting->parameters; a++)
    {
        char * value = fmpq_get_str(NULL, 10, numbers + a);

        caustic_text_append(text, a == 0 ? "" : ", ");
        if (names)
            caustic_text_printf(text, "%s = ", caustic_expr_name(setting->pool, setting->parameter[a]));
        caustic_text_append(text, value);
        flint_free(value);
    }
}

/* The two points whose signs differ, which anyone can check. */
static void
write_mirror(caustic_text_t text, const audit_work_t work)
{
    const caustic_audit_witness * mirror = &work->audit->mirror;
    char * value = fmpq_get_str(NULL, 10, mirror->value), * other = fmpq_get_str(NULL, 10, mirror->other_value);

    caustic_text_printf(text, "F_0 is not a function of the invariants and the charges: entry (%ld, %ld) is %s at ", (long) mirror->i + 1,
        (long) mirror->j + 1, value);
    write_numbers(text, mirror->point, 1, work);
    caustic_text_printf(text, " and %s at ", other);
    write_numbers(text, mirror->other, 1, work);
    caustic_text_append(text, ", two points with the same invariants and the same charges; nor is it one near a point: at ");
    flint_free(value);
    flint_free(other);
}

static void
say_direction(const audit_work_t work)
{
    const caustic_audit_witness * witness = &work->audit->witness;
    char * slope = fmpq_get_str(NULL, 10, witness->other_value);
    caustic_text_t text;

    caustic_text_init(text);
    if (work->audit->mirror.present)
        write_mirror(text, work);
    else
        caustic_text_append(text, "F_0 is not a function of the invariants and the charges: at ");
    write_numbers(text, witness->point, 1, work);
    caustic_text_append(text, " along (");
    write_numbers(text, witness->other, 0, work);
    caustic_text_printf(text, ") these do not change to first order, and entry (%ld, %ld) of F_0 does, at rate %s", (long) witness->i + 1,
        (long) witness->j + 1, slope);
    caustic_checks_add(work->audit->checks, "leaf_cometric", CAUSTIC_REFUTED, "%s", text->data);
    caustic_text_clear(text);
    flint_free(slope);
}

/* [AUDIT-9] */
static int
try_multiple(const audit_work_t work)
{
    caustic_text_t detail;
    int multiple;

    caustic_text_init(detail);
    multiple = work->elements_keep_force && quotient_entry(work, 0, 0) != CAUSTIC_NONE && same_on_leaves(detail, work) == T_TRUE;
    if (multiple)
    {
        work->audit->verdict = CAUSTIC_AUDIT_HOLDS_ON_LEAVES;
        caustic_checks_add(work->audit->checks, "leaf_cometric", CAUSTIC_PROVED, "%s", detail->data);
    }
    caustic_text_clear(detail);
    return multiple;
}

/* [AUDIT-14] */
static int
try_curves(const audit_work_t work)
{
    if (work->coordinates != 1 || work->size != 1 || !work->elements_keep_force)
        return 0;
    work->audit->verdict = CAUSTIC_AUDIT_HOLDS_ON_LEAVES;
    work->audit->leaves_are_local = 1;
    caustic_checks_add(work->audit->checks, "leaf_cometric", CAUSTIC_PROVED, "with one coordinate gradient flow moves along curves, locally the"
        " leaves of %ld conserved functions, and z is a coordinate on each: F_0 is trivially a function of it there", (long) (work->parameters - 1));
    return 1;
}

void
audit_leaf(audit_work_t work)
{
    caustic_audit_struct * audit = work->audit;

    if (work->projects == 1)
        return;
    if (work->projects == -1 && try_torus(work))
        return;
    if (work->projects == -1 && audit->conserved == 0)
    {
        audit->verdict = CAUSTIC_AUDIT_FAILS;
        caustic_checks_add(audit->checks, "leaf_cometric", CAUSTIC_REFUTED, "nothing is conserved on whose leaves the drift could"
            " descend");
        return;
    }
    if (work->projects == -1 && audit->conserved == work->charge_slope->r && find_direction(work))
    {
        audit->verdict = CAUSTIC_AUDIT_FAILS;
        audit_mirror(work);
        say_direction(work);
        return;
    }
    if (work->projects == -1 && try_subgroup(work))
        return;
    if (work->projects == -1 && try_multiple(work))
        return;
    if (work->projects == -1 && try_curves(work))
        return;
    caustic_checks_add(audit->checks, "leaf_cometric", CAUSTIC_UNDECIDED,
        "whether F_0 is a function of the invariants and the charges was neither proved nor refuted");
}
