/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    charges: functions that gradient flow of every invariant loss conserves. For a vector field xi of the group
    the one-form A_0^(-1) xi annihilates every gradient A_0 dz; where a constant combination is closed, its
    integral is a charge [AUDIT-1]. That there are no others is the rank of the Lie algebra that the
    gradients generate [AUDIT-2].
*/

#include <string.h>
#include <flint/fmpz_mat.h>
#include "audit_internal.h"

#define CURL_POINTS 4     /* at which the constants are looked for; what is found is proved identically */
#define BRACKET_LEVELS 4
#define PREC 256

/* Closed combinations ************************************************************************/

/* omega_a = A_0^(-1) xi_a, k x N */
static int
read_forms(gr_mat_t forms, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters, k = work->generators;
    gr_mat_t generators;
    int status = GR_SUCCESS;

    gr_mat_init(generators, k, n, ctx);
    for (slong a = 0; a < k; a++)
        for (slong b = 0; b < n; b++)
            status |= caustic_field_set_expr(gr_mat_entry_ptr(generators, a, b, ctx), work->setting->generator[a * n + b], ctx);
    status |= gr_mat_mul(forms, generators, work->lowered, ctx);
    gr_mat_clear(generators, ctx);
    return status == GR_SUCCESS;
}

/* (d omega)_ij of one row. */
static int
curl(gr_ptr res, const gr_mat_t forms, slong row, slong i, slong j, gr_ctx_t ctx)
{
    gr_ptr slope;
    int status;

    GR_TMP_INIT(slope, ctx);
    status = caustic_field_derivative(res, gr_mat_entry_srcptr(forms, row, j, ctx), i, ctx);
    status |= caustic_field_derivative(slope, gr_mat_entry_srcptr(forms, row, i, ctx), j, ctx);
    status |= gr_sub(res, res, slope, ctx);
    GR_TMP_CLEAR(slope, ctx);
    return status;
}

/* Adds the row (curl_a)_a at a point to the integer system; 0 if a value is not rational. */
static int
add_equation(fmpz_mat_t system, slong row, const caustic_expr * curls, slong k, const fmpq * theta, const audit_work_t work)
{
    fmpq * values = flint_calloc((size_t) FLINT_MAX(k, 1), sizeof(fmpq));
    fmpz_t common;
    int rational = 1;

    fmpz_init_set_ui(common, 1);
    for (slong a = 0; a < k; a++)
        fmpq_init(values + a);
    for (slong a = 0; a < k && rational; a++)
    {
        rational = rational_value(values + a, curls[a], theta, work);
        fmpz_lcm(common, common, fmpq_denref(values + a));
    }
    for (slong a = 0; a < k && rational; a++)
    {
        fmpz * entry = fmpz_mat_entry(system, row, a);

        fmpz_divexact(entry, common, fmpq_denref(values + a));
        fmpz_mul(entry, entry, fmpq_numref(values + a));
    }
    for (slong a = 0; a < k; a++)
        fmpq_clear(values + a);
    flint_free(values);
    fmpz_clear(common);
    return rational;
}

/* Candidates for the constants c with sum_a c_a d omega_a = 0: the kernel at a few rational points. Its dimension; the
   columns of `kernel`. -1 if the curls could not be evaluated. */
static slong
closed_candidates(fmpz_mat_t kernel, const gr_mat_t forms, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters, k = work->generators, row = 0, nullity = -1;
    fmpz_mat_t system;
    fmpq * theta = flint_malloc((size_t) n * sizeof(fmpq));
    caustic_expr * curls = flint_malloc((size_t) FLINT_MAX(k, 1) * sizeof(caustic_expr));
    int usable = 1;
    gr_ptr x;

    GR_TMP_INIT(x, ctx);
    fmpz_mat_init(system, CURL_POINTS * n * (n - 1) / 2, k);
    for (slong a = 0; a < n; a++)
        fmpq_init(theta + a);

    for (slong i = 0; i < n && usable; i++)
        for (slong j = i + 1; j < n && usable; j++)
        {
            slong points = 0;
            int all_zero = 1;

            for (slong a = 0; a < k && usable; a++)
            {
                usable = curl(x, forms, a, i, j, ctx) == GR_SUCCESS;
                curls[a] = usable ? caustic_field_get_expr(x, ctx) : CAUSTIC_NONE;
                all_zero = all_zero && curls[a] == caustic_integer(work->setting->pool, 0);
            }
            for (slong p = 0; p < 100 && points < CURL_POINTS && usable && !all_zero; p++)
                if (small_point(theta, work, p))
                {
                    usable = add_equation(system, row++, curls, k, theta, work);
                    points++;
                }
        }

    if (usable)
        nullity = fmpz_mat_nullspace(kernel, system);

    for (slong a = 0; a < n; a++)
        fmpq_clear(theta + a);
    flint_free(theta);
    flint_free(curls);
    fmpz_mat_clear(system);
    GR_TMP_CLEAR(x, ctx);
    return nullity;
}

/* Integration ********************************************************************************/

/* sum_a c_a omega_a for column `column` of the kernel, made primitive with a positive first entry; 1 if it is closed. */
static int
combine(gr_mat_t form, const gr_mat_t forms, const fmpz_mat_t kernel, slong column, gr_ctx_t ctx)
{
    slong n = forms->c, k = forms->r;
    int status = gr_mat_zero(form, ctx), closed = 1;
    fmpz_t common, c;
    gr_ptr term;

    GR_TMP_INIT(term, ctx);
    fmpz_init(common);
    fmpz_init(c);
    for (slong a = 0; a < k; a++)
        fmpz_gcd(common, common, fmpz_mat_entry(kernel, a, column));
    for (slong a = 0; a < k; a++)
        if (!fmpz_is_zero(fmpz_mat_entry(kernel, a, column)))
        {
            if (fmpz_sgn(fmpz_mat_entry(kernel, a, column)) < 0)
                fmpz_neg(common, common);
            break;
        }

    for (slong a = 0; a < k; a++)
    {
        fmpz_divexact(c, fmpz_mat_entry(kernel, a, column), common);
        for (slong b = 0; b < n; b++)
        {
            status |= gr_mul_fmpz(term, gr_mat_entry_srcptr(forms, a, b, ctx), c, ctx);
            status |= gr_add(gr_mat_entry_ptr(form, 0, b, ctx), gr_mat_entry_srcptr(form, 0, b, ctx), term, ctx);
        }
    }
    for (slong i = 0; i < n && closed; i++)
        for (slong j = i + 1; j < n && closed; j++)
            closed = curl(term, form, 0, i, j, ctx) == GR_SUCCESS && caustic_field_is_zero(term, NULL, ctx) == T_TRUE;

    fmpz_clear(common);
    fmpz_clear(c);
    GR_TMP_CLEAR(term, ctx);
    return status == GR_SUCCESS && closed;
}

/* theta_i omega_i */
static int
contract(gr_ptr res, const gr_mat_t form, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    int status = gr_zero(res, ctx);
    gr_ptr theta;

    GR_TMP_INIT(theta, ctx);
    for (slong a = 0; a < work->parameters; a++)
    {
        status |= caustic_field_set_expr(theta, work->setting->parameter[a], ctx);
        status |= gr_mul(theta, theta, gr_mat_entry_srcptr(form, 0, a, ctx), ctx);
        status |= gr_add(res, res, theta, ctx);
    }
    GR_TMP_CLEAR(theta, ctx);
    return status;
}

/* log|theta_a| */
static caustic_expr
log_of_size(slong a, const audit_work_t work)
{
    const caustic_interval_struct * domain = work->setting->parameter_domain + a;
    caustic_pool * pool = work->setting->pool;
    caustic_expr theta = work->setting->parameter[a], minus = caustic_neg(pool, theta);

    if (caustic_interval_is_positive(domain) || caustic_interval_is_negative(domain))
        return caustic_function(pool, CAUSTIC_OP_LOG, caustic_interval_is_positive(domain) ? theta : minus);
    return caustic_div(pool, caustic_function(pool, CAUSTIC_OP_LOG, caustic_power_si(pool, theta, 2)), caustic_integer(pool, 2));
}

/* [AUDIT-3] For a closed one-form omega with d(theta.omega) = (m + 1) omega, m + 1 a rational number that is not 0, the
   function theta.omega is (m + 1) times an integral. Where theta.omega is a constant and each theta_i omega_i is one,
   the integral is sum_i (theta_i omega_i) log theta_i. */
static caustic_expr
integrate(const gr_mat_t form, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    caustic_pool * pool = work->setting->pool;
    slong n = work->parameters;
    caustic_expr result = CAUSTIC_NONE;
    gr_ptr whole, slope, rest;
    fmpq_t degree;
    int fits;

    GR_TMP_INIT3(whole, slope, rest, ctx);
    fmpq_init(degree);
    fits = contract(whole, form, work) == GR_SUCCESS;

    /* The degree, from a component that is not 0; then the identity, for all. */
    for (slong a = 0; a < n && fits && fmpq_is_zero(degree); a++)
        if (gr_is_zero(gr_mat_entry_srcptr(form, 0, a, ctx), ctx) == T_FALSE)
        {
            fits = caustic_field_derivative(slope, whole, a, ctx) == GR_SUCCESS
                && gr_div(slope, slope, gr_mat_entry_srcptr(form, 0, a, ctx), ctx) == GR_SUCCESS
                && caustic_field_get_fmpq(degree, slope, ctx) == T_TRUE;
            break;
        }
    for (slong a = 0; a < n && fits; a++)
    {
        fits = gr_mul_fmpq(rest, gr_mat_entry_srcptr(form, 0, a, ctx), degree, ctx) == GR_SUCCESS
            && caustic_field_derivative(slope, whole, a, ctx) == GR_SUCCESS
            && gr_sub(slope, slope, rest, ctx) == GR_SUCCESS && caustic_field_is_zero(slope, NULL, ctx) == T_TRUE;
    }

    if (fits && !fmpq_is_zero(degree))
        result = caustic_field_get_expr(whole, ctx);
    else if (fits)
    {
        caustic_expr sum = caustic_integer(pool, 0);

        for (slong a = 0; a < n && fits; a++)
        {
            fits = caustic_field_set_expr(slope, work->setting->parameter[a], ctx) == GR_SUCCESS
                && gr_mul(slope, slope, gr_mat_entry_srcptr(form, 0, a, ctx), ctx) == GR_SUCCESS
                && caustic_field_get_fmpq(degree, slope, ctx) == T_TRUE;
            if (fits && !fmpq_is_zero(degree))
                sum = caustic_add(pool, sum, caustic_mul(pool, caustic_number(pool, degree), log_of_size(a, work)));
        }
        result = fits ? sum : CAUSTIC_NONE;
    }

    fmpq_clear(degree);
    GR_TMP_CLEAR3(whole, slope, rest, ctx);
    return result;
}

/* Rows in echelon form over balls: a row is kept if some entry is certainly not 0 after reduction by the others, so
   that the number of rows is a proved lower bound of the rank. */
typedef struct
{
    arb_ptr rows; /* N x N */
    slong * pivot;
    slong rank, length;
}
echelon_struct;

static void
echelon_init(echelon_struct * echelon, slong length)
{
    echelon->rows = _arb_vec_init(length * length);
    echelon->pivot = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(slong));
    echelon->rank = 0;
    echelon->length = length;
}

static void
echelon_clear(echelon_struct * echelon)
{
    _arb_vec_clear(echelon->rows, echelon->length * echelon->length);
    flint_free(echelon->pivot);
}

/* Whether the vector is certainly independent of the rows; then it becomes one. */
static int
add_vector(echelon_struct * echelon, arb_srcptr vector)
{
    slong n = echelon->length, best = -1;
    arb_ptr row = echelon->rank < n ? echelon->rows + echelon->rank * n : NULL;
    arb_t factor, term;

    if (row == NULL)
        return 0;

    arb_init(factor);
    arb_init(term);
    _arb_vec_set(row, vector, n);
    for (slong r = 0; r < echelon->rank; r++)
    {
        arb_srcptr other = echelon->rows + r * n;

        arb_div(factor, row + echelon->pivot[r], other + echelon->pivot[r], PREC);
        for (slong i = 0; i < n; i++)
        {
            arb_mul(term, factor, other + i, PREC);
            arb_sub(row + i, row + i, term, PREC);
        }
        /* Exactly, not as a ball. */
        arb_zero(row + echelon->pivot[r]);
    }

    for (slong i = 0; i < n; i++)
        if (arb_is_nonzero(row + i) && arb_is_finite(row + i)
            && (best < 0 || arf_cmpabs(arb_midref(row + i), arb_midref(row + best)) > 0))
            best = i;
    if (best >= 0)
        echelon->pivot[echelon->rank++] = best;

    arb_clear(factor);
    arb_clear(term);
    return best >= 0;
}

/* Whether the values of a field at a point are certainly independent of those of the fields before. */
static int
add_field(echelon_struct * echelon, const gr_mat_t field, arb_srcptr theta, gr_ctx_t ctx)
{
    slong n = echelon->length;
    arb_ptr vector = _arb_vec_init(n);
    int added;

    for (slong a = 0; a < n; a++)
        caustic_field_evaluate_arb(vector + a, gr_mat_entry_srcptr(field, 0, a, ctx), theta, PREC, ctx);
    added = add_vector(echelon, vector);
    _arb_vec_clear(vector, n);
    return added;
}

/* [AUDIT-3] component by component: an integral of omega_a that depends on theta_a alone and is homogeneous in it;
   CAUSTIC_NONE otherwise. */
static caustic_expr
integrate_component(const gr_mat_t form, slong a, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    caustic_pool * pool = work->setting->pool;
    gr_srcptr component = gr_mat_entry_srcptr(form, 0, a, ctx);
    caustic_expr result = CAUSTIC_NONE;
    gr_ptr product, slope;
    fmpq_t degree;
    int fits = 1;

    if (gr_is_zero(component, ctx) == T_TRUE)
        return caustic_integer(pool, 0);

    GR_TMP_INIT2(product, slope, ctx);
    fmpq_init(degree);
    for (slong b = 0; b < work->parameters && fits; b++)
        fits = b == a || (caustic_field_derivative(slope, component, b, ctx) == GR_SUCCESS
            && caustic_field_is_zero(slope, NULL, ctx) == T_TRUE);
    fits = fits && caustic_field_set_expr(product, work->setting->parameter[a], ctx) == GR_SUCCESS
        && gr_mul(product, product, component, ctx) == GR_SUCCESS
        && caustic_field_derivative(slope, product, a, ctx) == GR_SUCCESS && gr_div(slope, slope, component, ctx) == GR_SUCCESS
        && caustic_field_get_fmpq(degree, slope, ctx) == T_TRUE;
    if (fits && !fmpq_is_zero(degree))
        result = caustic_div(pool, caustic_field_get_expr(product, ctx), caustic_number(pool, degree));
    else if (fits && caustic_field_get_fmpq(degree, product, ctx) == T_TRUE)
        result = caustic_mul(pool, caustic_number(pool, degree), log_of_size(a, work));
    fmpq_clear(degree);
    GR_TMP_CLEAR2(product, slope, ctx);
    return result;
}

static caustic_expr
integrate_components(const gr_mat_t form, const audit_work_t work)
{
    caustic_pool * pool = work->setting->pool;
    caustic_expr sum = caustic_integer(pool, 0);

    for (slong a = 0; a < work->parameters && sum != CAUSTIC_NONE; a++)
    {
        caustic_expr term = integrate_component(form, a, work);

        sum = term == CAUSTIC_NONE ? term : caustic_add(pool, sum, term);
    }
    return sum;
}

/* Keeps the charges of closed combinations, and their differentials, as far as these are independent at the point: generators
   may be dependent, there or everywhere. The number kept, or -1. */
static slong
find_charges(audit_work_t work, arb_srcptr theta)
{
    caustic_audit_struct * audit = work->audit;
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters, k = work->generators, nullity, closed = 0;
    int status = GR_SUCCESS;
    gr_mat_t forms, form, slopes;
    fmpz_mat_t kernel;
    echelon_struct echelon;

    if (k == 0)
        return 0;

    echelon_init(&echelon, n);

    gr_mat_init(forms, k, n, ctx);
    gr_mat_init(form, 1, n, ctx);
    fmpz_mat_init(kernel, k, k);
    nullity = read_forms(forms, work) ? closed_candidates(kernel, forms, work) : -1;
    audit->charge = flint_malloc((size_t) k * sizeof(caustic_expr));
    gr_mat_init(slopes, FLINT_MAX(nullity, 0), n, ctx);

    for (slong column = 0; column < nullity; column++)
        if (combine(form, forms, kernel, column, ctx) && add_field(&echelon, form, theta, ctx))
        {
            caustic_expr charge = integrate(form, work);

            if (charge == CAUSTIC_NONE)
                charge = integrate_components(form, work);

            for (slong a = 0; a < n; a++)
                status |= gr_set(gr_mat_entry_ptr(slopes, closed, a, ctx), gr_mat_entry_srcptr(form, 0, a, ctx), ctx);
            closed++;
            if (charge != CAUSTIC_NONE)
                audit->charge[audit->charges++] = charge;
        }

    audit->charge_symbol = flint_malloc((size_t) k * sizeof(caustic_expr));
    for (slong i = 0; i < audit->charges; i++)
        audit->charge_symbol[i] = audit_symbol(work, "c", "charge", audit->charges == 1 ? 0 : i + 1);

    gr_mat_clear(work->charge_slope, ctx);
    gr_mat_init(work->charge_slope, closed, n, ctx);
    for (slong i = 0; i < closed; i++)
        for (slong a = 0; a < n; a++)
            status |= gr_set(gr_mat_entry_ptr(work->charge_slope, i, a, ctx), gr_mat_entry_srcptr(slopes, i, a, ctx), ctx);

    gr_mat_clear(forms, ctx);
    gr_mat_clear(form, ctx);
    gr_mat_clear(slopes, ctx);
    fmpz_mat_clear(kernel);
    echelon_clear(&echelon);
    return nullity < 0 || status != GR_SUCCESS ? -1 : closed;
}

/* The Lie algebra of the gradients ***********************************************************/

/* [X, Y]^a = X^b d_b Y^a - Y^b d_b X^a */
static int
bracket(gr_mat_t res, const gr_mat_t x, const gr_mat_t y, gr_ctx_t ctx)
{
    slong n = x->c;
    int status = GR_SUCCESS;
    gr_ptr slope;

    GR_TMP_INIT(slope, ctx);
    for (slong a = 0; a < n && status == GR_SUCCESS; a++)
    {
        gr_ptr sum = gr_mat_entry_ptr(res, 0, a, ctx);

        status |= gr_zero(sum, ctx);
        for (slong b = 0; b < n; b++)
        {
            status |= caustic_field_derivative(slope, gr_mat_entry_srcptr(y, 0, a, ctx), b, ctx);
            status |= gr_mul(slope, slope, gr_mat_entry_srcptr(x, 0, b, ctx), ctx);
            status |= gr_add(sum, sum, slope, ctx);
            status |= caustic_field_derivative(slope, gr_mat_entry_srcptr(x, 0, a, ctx), b, ctx);
            status |= gr_mul(slope, slope, gr_mat_entry_srcptr(y, 0, b, ctx), ctx);
            status |= gr_sub(sum, sum, slope, ctx);
        }
    }
    GR_TMP_CLEAR(slope, ctx);
    return status;
}

/* A proved lower bound of the generic dimension of the Lie algebra generated by A_0 dz^i: the rank at one point of brackets
   up to a few levels, `enough` of which is all there can be. */
static slong
rank_of_brackets(const audit_work_t work, slong enough, arb_srcptr theta)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters, d = work->coordinates, fields = 0, level_begin = 0, rank;
    slong limit = n + d;
    gr_mat_t * field = flint_malloc((size_t) limit * sizeof(gr_mat_t));
    echelon_struct echelon;
    gr_mat_t raised;
    int usable;

    echelon_init(&echelon, n);
    gr_mat_init(raised, d, n, ctx);
    usable = gr_mat_mul(raised, work->jacobian, work->metric, ctx) == GR_SUCCESS;
    for (slong i = 0; i < d && fields < limit && usable; i++)
    {
        gr_mat_init(field[fields], 1, n, ctx);
        for (slong a = 0; a < n; a++)
            usable = usable && gr_set(gr_mat_entry_ptr(field[fields], 0, a, ctx), gr_mat_entry_srcptr(raised, i, a, ctx), ctx) == GR_SUCCESS;
        (void) add_field(&echelon, field[fields], theta, ctx);
        fields++;
    }

    /* Only brackets that are new at the point are kept: the others may be, elsewhere, but a lower bound needs no more. */
    for (slong level = 1; level < BRACKET_LEVELS && echelon.rank < enough && usable; level++)
    {
        slong level_end = fields;

        for (slong x = 0; x < d && x < level_end; x++)
            for (slong y = level_begin; y < level_end && echelon.rank < enough && fields < limit; y++)
            {
                if (level == 1 && y <= x)
                    continue;
                gr_mat_init(field[fields], 1, n, ctx);
                if (bracket(field[fields], field[x], field[y], ctx) == GR_SUCCESS
                    && add_field(&echelon, field[fields], theta, ctx))
                    fields++;
                else
                    gr_mat_clear(field[fields], ctx);
            }
        level_begin = level_end;
    }

    rank = echelon.rank;
    for (slong f = 0; f < fields; f++)
        gr_mat_clear(field[f], ctx);
    flint_free(field);
    gr_mat_clear(raised, ctx);
    echelon_clear(&echelon);
    return rank;
}

/* One point at which the charges are independent and the brackets are evaluated: the ranks add up to N at most. */
static int
some_point(arb_ptr theta, const audit_work_t work)
{
    slong n = work->parameters, p = 0;
    fmpq * place = flint_malloc((size_t) n * sizeof(fmpq));

    for (slong a = 0; a < n; a++)
        fmpq_init(place + a);
    while (p < 100 && !small_point(place, work, 12 + p))
        p++;
    for (slong a = 0; a < n; a++)
    {
        arb_set_fmpq(theta + a, place + a, PREC);
        fmpq_clear(place + a);
    }
    flint_free(place);
    return p < 100;
}

void
audit_charges(audit_work_t work)
{
    caustic_audit_struct * audit = work->audit;
    slong n = work->parameters, closed, rank;
    arb_ptr theta = _arb_vec_init(n);
    slong directions = 0;

    /* Functions on a sphere that is a factor are invariants: their gradients span its directions. */
    for (slong i = 0; i < work->setting->spheres; i++)
        directions += work->setting->sphere[i];
    closed = some_point(theta, work) ? find_charges(work, theta) : -1;
    if (closed < 0)
    {
        caustic_checks_add(audit->checks, "leaves", CAUSTIC_UNDECIDED,
            "the charges were not found: a derivative of A_0^(-1) xi is not rational, or beyond the exact field");
        _arb_vec_clear(theta, n);
        return;
    }

    /* [AUDIT-2], and for one coordinate [AUDIT-14] */
    rank = rank_of_brackets(work, n - closed, theta);
    _arb_vec_clear(theta, n);
    if (rank == n - closed)
    {
        audit->conserved = closed;
        caustic_checks_add(audit->checks, "leaves", CAUSTIC_PROVED,
            "%sgradient flow of every invariant loss conserves %ld independent function%s, and no more: the gradients of the"
            " invariants generate a Lie algebra of dimension %ld at a point, %ld + %ld = %ld", work->setting->copies > 1
            ? "in each of the equal units " : "", (long) closed, closed == 1 ? "" : "s",
            (long) (rank + directions), (long) closed, (long) (rank + directions), (long) (n + directions));
    }
    else if (work->coordinates == 1 && work->size == 1)
    {
        audit->conserved = n - 1;
        caustic_checks_add(audit->checks, "leaves", CAUSTIC_PROVED, "there is one gradient, A_0 dz, so gradient flow of every invariant loss"
            " conserves N - 1 = %ld independent functions, locally; %ld of them were found", (long) (n - 1), (long) closed);
    }
    else
        caustic_checks_add(audit->checks, "leaves", CAUSTIC_UNDECIDED,
            "at least %ld independent functions are conserved; brackets of up to %d gradients have rank %ld at a point, so at most"
            " %ld are", (long) closed, BRACKET_LEVELS, (long) rank, (long) (n - rank));
}
