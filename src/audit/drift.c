/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    drift: gradient descent moves z by -F_0 dl, F_0 = dz A_0 dz^T. That is a vector field on the quotient for every
    invariant loss exactly if F_0 is constant on orbits.
*/

#include "audit_internal.h"

#define POINTS_TRIED 400

static fmpq *
point_new(slong length)
{
    fmpq * point = flint_malloc((size_t) length * sizeof(fmpq));

    for (slong a = 0; a < length; a++)
        fmpq_init(point + a);
    return point;
}

static void
point_free(fmpq * point, slong length)
{
    for (slong a = 0; a < length; a++)
        fmpq_clear(point + a);
    flint_free(point);
}

/* sigma(pi(theta)), another point of the orbit; 0 if it is not rational. */
static int
point_of_section(fmpq * res, const fmpq * theta, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    int rational = setting->has_section;

    for (slong a = 0; a < work->parameters && rational; a++)
        rational = rational_value(res + a, caustic_substitute(setting->pool, setting->section[a], setting->coordinate,
            setting->invariant, setting->coordinates), theta, work);
    return rational && is_in_theta(res, work);
}

static int
have_same_invariants(const fmpq * theta, const fmpq * other, const audit_work_t work)
{
    fmpq_t here, there;
    int same = 1;

    fmpq_init(here);
    fmpq_init(there);
    for (slong i = 0; i < work->coordinates && same; i++)
        same = rational_value(here, work->setting->invariant[i], theta, work)
            && rational_value(there, work->setting->invariant[i], other, work) && fmpq_equal(here, there);
    fmpq_clear(here);
    fmpq_clear(there);
    return same;
}

/* s(theta) for finite element s; 0 if it is not rational, or has other invariants, as on a covering chart. */
static int
point_of_element(fmpq * res, slong s, const fmpq * theta, const audit_work_t work)
{
    slong n = work->parameters;
    int rational = 1;

    for (slong a = 0; a < n && rational; a++)
        rational = rational_value(res + a, work->setting->element[s * n + a], theta, work);
    return rational && is_in_theta(res, work) && have_same_invariants(theta, res, work);
}

/* Two rational points of one orbit with different F_0. 1 if found: the audit's witness. */
static int
find_orbit_witness(const audit_work_t work)
{
    caustic_audit_witness * witness = &work->audit->witness;
    slong n = work->parameters, d = work->size, ways = work->setting->elements + 1;
    fmpq * theta = point_new(n), * other = point_new(n);
    int found = 0;

    for (slong p = 0; p < POINTS_TRIED * ways && !found; p++)
    {
        slong way = p % ways;

        if (!small_point(theta, work, p / ways) || !(way == 0 ? point_of_section(other, theta, work) && have_same_invariants(theta, other, work)
            : point_of_element(other, way - 1, theta, work)))
            continue;
        for (slong i = 0; i < d * d && !found; i++)
        {
            found = rational_value(witness->value, work->force_expr[i], theta, work)
                && rational_value(witness->other_value, work->force_expr[i], other, work)
                && !fmpq_equal(witness->value, witness->other_value);
            witness->i = i / d;
            witness->j = i % d;
        }
    }

    if (found)
    {
        witness->present = 1;
        witness->length = n;
        witness->point = theta;
        witness->other = other;
        return 1;
    }
    point_free(theta, n);
    point_free(other, n);
    return 0;
}

/* "a = 1, w = 2" */
static void
write_theta(caustic_text_t out, const fmpq * theta, const audit_work_t work)
{
    for (slong a = 0; a < work->parameters; a++)
    {
        char * value = fmpq_get_str(NULL, 10, theta + a);

        caustic_text_printf(out, "%s%s = %s", a == 0 ? "" : ", ",
            caustic_expr_name(work->setting->pool, work->setting->parameter[a]), value);
        flint_free(value);
    }
}

static void
say_not_constant(const audit_work_t work)
{
    const caustic_audit_witness * witness = &work->audit->witness;
    caustic_text_t text;
    char * value = fmpq_get_str(NULL, 10, witness->value), * other = fmpq_get_str(NULL, 10, witness->other_value);

    caustic_text_init(text);
    caustic_text_printf(text, "F_0 = dz A_0 dz^T is not constant on orbits: entry (%ld, %ld) is %s at ", (long) witness->i + 1,
        (long) witness->j + 1, value);
    write_theta(text, witness->point, work);
    caustic_text_printf(text, " and %s at ", other);
    write_theta(text, witness->other, work);
    caustic_text_append(text, ", two points with the same invariants");
    caustic_checks_add(work->audit->checks, "drift", CAUSTIC_REFUTED, "%s", text->data);
    caustic_text_clear(text);
    flint_free(value);
    flint_free(other);
}

/* Whether a function on the quotient is a constant. */
static truth_t
is_constant(gr_srcptr x, const audit_work_t work)
{
    gr_ctx_struct * below = (gr_ctx_struct *) work->below;
    truth_t answer = T_TRUE;
    gr_ptr slope;

    GR_TMP_INIT(slope, below);
    for (slong i = 0; i < work->coordinates && answer != T_FALSE; i++)
        answer = truth_and(answer, caustic_field_derivative(slope, x, i, below) == GR_SUCCESS
            ? caustic_field_is_zero(slope, NULL, below) : T_UNKNOWN);
    GR_TMP_CLEAR(slope, below);
    return answer;
}

/* K = c g with a constant c? */
static void
compare_geometry(const audit_work_t work)
{
    gr_ctx_struct * below = (gr_ctx_struct *) work->below;
    slong d = work->size;
    caustic_pool * pool = work->setting->pool;
    caustic_verdict verdict = CAUSTIC_PROVED;
    caustic_witness_t point;
    caustic_text_t detail;
    caustic_expr factor = caustic_integer(pool, 1);
    truth_t constant = T_UNKNOWN;
    gr_ptr ratio, difference;

    if (quotient_entry(work, 0, 0) == CAUSTIC_NONE)
    {
        caustic_checks_add(work->audit->checks, "same_geometry", CAUSTIC_UNDECIDED,
            "the quotient of the case's own metric is not derived");
        return;
    }

    GR_TMP_INIT2(ratio, difference, below);
    caustic_witness_init(point, d);
    caustic_text_init(detail);

    if (caustic_field_set_expr(ratio, caustic_div(pool, work->audit->cometric[0], quotient_entry(work, 0, 0)), below) == GR_SUCCESS)
        constant = is_constant(ratio, work);
    if (constant == T_TRUE)
        factor = caustic_field_get_expr(ratio, below);

    for (slong i = 0; i < d * d && verdict == CAUSTIC_PROVED; i++)
    {
        caustic_expr expected = caustic_mul(pool, factor, quotient_entry(work, i / d, i % d));
        truth_t zero = caustic_field_set_expr(difference, caustic_sub(pool, work->audit->cometric[i], expected), below) == GR_SUCCESS
            ? caustic_field_is_zero(difference, point, below) : T_UNKNOWN;

        /* Another factor than 1 might do where the ratio could be a constant that is not known. */
        verdict = zero == T_TRUE ? CAUSTIC_PROVED : zero == T_FALSE && constant != T_UNKNOWN ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
        if (verdict == CAUSTIC_REFUTED)
        {
            caustic_text_append(detail, "K is not a constant multiple of the quotient's cometric: the difference fails at ");
            caustic_witness_print(detail, point, below);
            caustic_text_append(detail, "; the quotient's equations and shock times are not those of this training, K's own are");
        }
    }

    if (verdict == CAUSTIC_PROVED)
    {
        work->audit->scale = factor;
        caustic_text_append(detail, "K is ");
        caustic_expr_print(detail, pool, factor);
        caustic_text_append(detail, " times the quotient's cometric");
    }
    else if (verdict == CAUSTIC_UNDECIDED)
        caustic_text_append(detail, "whether K is a constant multiple of the quotient's cometric was not decided");
    caustic_checks_add(work->audit->checks, "same_geometry", verdict, "%s", detail->data);

    GR_TMP_CLEAR2(ratio, difference, below);
    caustic_witness_clear(point);
    caustic_text_clear(detail);
}

/* X f along the horizontal field X = A_0 dz^k. */
static int
along_gradient(gr_ptr res, slong k, gr_srcptr f, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters;
    int status = gr_zero(res, ctx);
    gr_ptr slope, speed, term;

    GR_TMP_INIT3(slope, speed, term, ctx);
    for (slong a = 0; a < n; a++)
    {
        status |= caustic_field_derivative(slope, f, a, ctx);
        if (gr_is_zero(slope, ctx) == T_TRUE)
            continue;
        status |= gr_zero(speed, ctx);
        for (slong b = 0; b < n; b++)
        {
            status |= gr_mul(term, gr_mat_entry_srcptr(work->metric, a, b, ctx), gr_mat_entry_srcptr(work->jacobian, k, b, ctx), ctx);
            status |= gr_add(speed, speed, term, ctx);
        }
        status |= gr_mul(slope, slope, speed, ctx);
        status |= gr_add(res, res, slope, ctx);
    }
    GR_TMP_CLEAR3(slope, speed, term, ctx);
    return status;
}

/* [AUDIT-9] Whether F_0 = kappa g o pi with kappa constant on leaves: the fields A_0 dz^k, which are tangent to the leaves, annihilate it. */
truth_t
same_on_leaves(caustic_text_t detail, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    const caustic_setting_struct * setting = work->setting;
    slong d = work->coordinates, size = work->size;
    truth_t same = T_TRUE;
    caustic_witness_t point;
    gr_ptr factor, expected;

    GR_TMP_INIT2(factor, expected, ctx);
    caustic_witness_init(point, work->parameters);
    for (slong i = 0; i < size * size && same == T_TRUE; i++)
    {
        caustic_expr g = caustic_substitute(setting->pool, quotient_entry(work, i / size, i % size), setting->coordinate, setting->invariant, d);
        gr_srcptr force = gr_mat_entry_srcptr(work->force, i / size, i % size, ctx);

        same = g != CAUSTIC_NONE && caustic_field_set_expr(expected, g, ctx) == GR_SUCCESS ? T_TRUE : T_UNKNOWN;
        if (i == 0 && same == T_TRUE)
            same = gr_div(factor, force, expected, ctx) == GR_SUCCESS ? T_TRUE : T_UNKNOWN;
        if (same == T_TRUE)
            same = gr_mul(expected, expected, factor, ctx) == GR_SUCCESS && gr_sub(expected, expected, force, ctx) == GR_SUCCESS
                ? caustic_field_is_zero(expected, point, ctx) : T_UNKNOWN;
        if (same == T_FALSE)
            caustic_text_printf(detail, "entry (%ld, %ld) of F_0 is not that of the quotient's cometric times F_0^11/g^11 at ",
                (long) (i / size + 1), (long) (i % size + 1));
    }
    for (slong k = 0; k < d && same == T_TRUE; k++)
    {
        same = along_gradient(expected, k, factor, work) == GR_SUCCESS ? caustic_field_is_zero(expected, point, ctx) : T_UNKNOWN;
        if (same == T_FALSE)
            caustic_text_printf(detail, "F_0^11/g^11 changes along the leaf, in the direction A_0 dz^%ld, at ", (long) (k + 1));
    }
    if (same == T_FALSE)
        caustic_witness_print(detail, point, ctx);
    else if (same == T_TRUE)
    {
        caustic_text_append(detail, "on every leaf K_c is a constant times the quotient's cometric, the constant being the value there of ");
        caustic_expr_print(detail, setting->pool, caustic_field_get_expr(factor, ctx));
        caustic_text_append(detail, ": the same characteristics, with time rescaled");
    }
    GR_TMP_CLEAR2(factor, expected, ctx);
    caustic_witness_clear(point);
    return same;
}

void
audit_leaf_geometry(const audit_work_t work)
{
    caustic_audit_struct * audit = work->audit;
    truth_t same = T_UNKNOWN;
    caustic_text_t detail;

    caustic_text_init(detail);
    if (audit->verdict == CAUSTIC_AUDIT_FAILS)
    {
        same = T_FALSE;
        caustic_text_append(detail, "there is no K to compare with the quotient's cometric");
    }
    else if (audit->verdict == CAUSTIC_AUDIT_HOLDS_ON_LEAVES && quotient_entry(work, 0, 0) != CAUSTIC_NONE)
    {
        same = same_on_leaves(detail, work);
        if (same == T_TRUE && work->setting->copies > 1)
        {
            same = T_FALSE;
            caustic_text_append(detail, "; but of each unit by itself, and the constants of two units' leaves need not be equal");
        }
        if (same == T_FALSE)
            caustic_text_append(detail, "; the quotient's equations and shock times are not those of this training, K_c's own are");
    }
    else if (work->projects == -1)
    {
        same = T_FALSE;
        caustic_text_append(detail, "there is no K on the whole quotient; on leaves it was not decided");
    }
    if (same == T_UNKNOWN)
        caustic_text_append(detail, "whether training's geometry is the quotient's was not decided");
    caustic_checks_add(audit->checks, "same_geometry", same == T_TRUE ? CAUSTIC_PROVED : same == T_FALSE ? CAUSTIC_REFUTED
        : CAUSTIC_UNDECIDED, "%s", detail->data);
    caustic_text_clear(detail);
}

/* Without a section: a second reduction with A_0 for its metric rewrites F_0 in the invariants. */
static truth_t
closes(const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    caustic_setting_struct other = *setting;
    caustic_reduction_t reduction;
    slong d = work->coordinates;
    truth_t answer = T_UNKNOWN;

    other.inverse_metric = work->metric_expr;
    other.loss = other.density = CAUSTIC_NONE;
    caustic_reduction_init(reduction, &other);
    if (reduction->derived && reduction->written_out)
    {
        for (slong i = 0; i < d * d; i++)
            work->audit->cometric[i] = reduction->cometric_expr[i];
        answer = T_TRUE;
    }
    caustic_reduction_clear(reduction);
    return answer;
}

/* Finite elements *****************************************************************************/

int
read_action(gr_mat_t slope, slong s, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters, d = work->coordinates;
    int status = GR_SUCCESS;

    for (slong i = 0; i < d && status == GR_SUCCESS; i++)
    {
        caustic_expr tau = caustic_substitute(setting->pool, setting->invariant[i], setting->parameter, setting->element + s * n, n);

        tau = tau == CAUSTIC_NONE ? tau : caustic_substitute(setting->pool, tau, setting->parameter, setting->section, n);
        for (slong k = 0; k < d && status == GR_SUCCESS; k++)
        {
            caustic_expr entry = tau == CAUSTIC_NONE ? tau : caustic_derivative(setting->pool, tau, setting->coordinate[k]);

            entry = entry == CAUSTIC_NONE ? entry
                : caustic_substitute(setting->pool, entry, setting->coordinate, setting->invariant, d);
            status = entry == CAUSTIC_NONE ? GR_UNABLE : caustic_field_set_expr(gr_mat_entry_ptr(slope, i, k, ctx), entry, ctx);
        }
    }
    return status;
}

/* [AUDIT-7] F_0 o s = D tau F_0 D tau^T: element s carries the drift of a covering chart to itself. Where the element keeps
   the invariants, tau is the identity. */
static truth_t
element_keeps_force(slong s, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters, d = work->coordinates;
    truth_t answer = T_TRUE;
    gr_mat_t slope, transpose, carried;
    gr_ptr moved;
    int status;

    GR_TMP_INIT(moved, ctx);
    gr_mat_init(slope, d, d, ctx);
    gr_mat_init(transpose, d, d, ctx);
    gr_mat_init(carried, d, d, ctx);
    status = read_action(slope, s, work);
    status |= gr_mat_transpose(transpose, slope, ctx);
    if (status == GR_SUCCESS && work->size == d)
    {
        status |= gr_mat_mul(carried, slope, work->force, ctx);
        status |= gr_mat_mul(carried, carried, transpose, ctx);
    }
    if (status != GR_SUCCESS || work->size > d)
        answer = T_UNKNOWN;
    for (slong i = 0; i < d * d && answer == T_TRUE; i++)
    {
        caustic_expr entry = caustic_substitute(setting->pool, work->force_expr[i], setting->parameter, setting->element + s * n, n);

        answer = entry != CAUSTIC_NONE && caustic_field_set_expr(moved, entry, ctx) == GR_SUCCESS
            && gr_sub(moved, moved, gr_mat_entry_srcptr(carried, i / d, i % d, ctx), ctx) == GR_SUCCESS
            ? caustic_field_is_zero(moved, NULL, ctx) : T_UNKNOWN;
    }
    gr_mat_clear(slope, ctx);
    gr_mat_clear(transpose, ctx);
    gr_mat_clear(carried, ctx);
    GR_TMP_CLEAR(moved, ctx);
    return answer;
}

/* Without a section the elements keep the invariants, and F_0 that is a function of these. */
static truth_t
elements_keep_force(slong * which, const audit_work_t work)
{
    truth_t answer = work->setting->has_section && !work->section_proved && work->setting->elements > 0 ? T_UNKNOWN : T_TRUE;

    for (slong s = 0; s < work->setting->elements && work->section_proved && answer == T_TRUE; s++)
    {
        answer = element_keeps_force(s, work);
        *which = s;
    }
    return answer;
}

void
audit_drift(audit_work_t work)
{
    caustic_audit_struct * audit = work->audit;
    slong d = work->size;
    truth_t projects = T_TRUE, kept;
    slong element = 0;

    audit->cometric = flint_calloc((size_t) FLINT_MAX(d * d, 1), sizeof(caustic_expr));
    if (work->setting->has_section)
        for (slong i = 0; i < d * d && projects == T_TRUE; i++)
            projects = comes_down(audit->cometric + i, gr_mat_entry_srcptr(work->force, i / d, i % d, (gr_ctx_struct *) work->ctx), work);
    else
        projects = closes(work);
    kept = elements_keep_force(&element, work);
    work->elements_keep_force = kept == T_TRUE;

    if (projects == T_TRUE && kept != T_TRUE)
    {
        work->projects = kept == T_FALSE ? -2 : 0;
        caustic_checks_add(audit->checks, "drift", kept == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED, "F_0 = dz A_0 dz^T is a"
            " function K of the coordinates of the covering chart; that finite element %ld carries it to itself is %s", (long) element + 1,
            kept == T_FALSE ? "false: A_0 does not keep it, and the drift does not come down to the quotient" : "open");
        flint_free(audit->cometric);
        audit->cometric = NULL;
        return;
    }
    if (projects == T_TRUE)
    {
        work->projects = 1;
        audit->verdict = CAUSTIC_AUDIT_HOLDS;
        caustic_checks_add(audit->checks, "drift", CAUSTIC_PROVED,
            "F_0 = dz A_0 dz^T is a function K of the invariants: gradient descent projects to -K dl");
        compare_geometry(work);
        return;
    }

    flint_free(audit->cometric);
    audit->cometric = NULL;
    if (projects != T_TRUE && find_orbit_witness(work))
    {
        projects = T_FALSE;
        work->projects = -1;
        say_not_constant(work);
    }
    else
        caustic_checks_add(audit->checks, "drift", CAUSTIC_UNDECIDED, projects == T_FALSE
            ? "F_0 is not constant on orbits, but no pair of rational points was found that shows it"
            : "whether F_0 is constant on orbits could not be decided in the exact field");
}
