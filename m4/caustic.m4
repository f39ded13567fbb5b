dnl Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
dnl SPDX-License-Identifier: LGPL-3.0-or-later

dnl CAUSTIC_TRY_CFLAG(FLAG): adds FLAG to CAUSTIC_CFLAGS where the compiler takes it.
AC_DEFUN([CAUSTIC_TRY_CFLAG],
[AC_MSG_CHECKING([whether $CC accepts $1])
caustic_saved_CFLAGS=$CFLAGS
CFLAGS="$CFLAGS $1"
AC_COMPILE_IFELSE([AC_LANG_SOURCE([[int caustic_probe(void); int caustic_probe(void) { return 0; }]])],
    [AC_MSG_RESULT([yes])
     CAUSTIC_CFLAGS="$CAUSTIC_CFLAGS $1"],
    [AC_MSG_RESULT([no])])
CFLAGS=$caustic_saved_CFLAGS
])

dnl CAUSTIC_FLINT(MAJOR, MINOR): sets FLINT_CFLAGS, FLINT_LIBS and, for caustic.pc, FLINT_REQUIRES,
dnl FLINT_PC_CFLAGS, FLINT_PC_LIBS. Where FLINT comes from, the first that applies:
dnl   1. --with-flint=PREFIX
dnl   2. FLINT_CFLAGS and FLINT_LIBS from the caller
dnl   3. pkg-config
dnl   4. the compiler's own search path
dnl The header decides the version, and a function that 3.1 brought has to link: an old library
dnl behind a new header is found out here and not at run time.
AC_DEFUN([CAUSTIC_FLINT],
[AC_ARG_WITH([flint],
    [AS_HELP_STRING([--with-flint=PREFIX], [use the FLINT installed under PREFIX])],
    [], [with_flint=])
AC_ARG_VAR([FLINT_CFLAGS], [C compiler flags for FLINT, overriding pkg-config])
AC_ARG_VAR([FLINT_LIBS], [linker flags for FLINT, overriding pkg-config])
FLINT_REQUIRES=
AS_CASE(["$with_flint"],
    [no], [AC_MSG_ERROR([Caustic cannot do without FLINT.])],
    [yes | ''],
        [AS_IF([test "x$FLINT_LIBS" = x],
            [AS_IF([test "x$PKG_CONFIG" != x && $PKG_CONFIG --exists "flint >= $1.$2"],
                [FLINT_CFLAGS=`$PKG_CONFIG --cflags flint`
                 FLINT_LIBS=`$PKG_CONFIG --libs flint`
                 FLINT_REQUIRES="flint >= $1.$2"],
                [FLINT_LIBS="-lflint"])])],
    [AS_IF([test -f "$with_flint/include/flint/flint.h"], [],
        [AC_MSG_ERROR([--with-flint=$with_flint: there is no include/flint/flint.h in it.])])
     FLINT_CFLAGS="-I$with_flint/include"
     FLINT_LIBS="-L$with_flint/lib -Wl,-rpath,$with_flint/lib -lflint"])

AC_MSG_CHECKING([for FLINT $1.$2 or newer])
caustic_saved_CFLAGS=$CFLAGS
caustic_saved_LIBS=$LIBS
CFLAGS="$CFLAGS $FLINT_CFLAGS $MPFR_CFLAGS $GMP_CFLAGS"
LIBS="$FLINT_LIBS $MPFR_LIBS $GMP_LIBS $LIBS"
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <flint/flint.h>]], [])],
    [],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([FLINT was not found. Caustic needs FLINT $1.$2 or newer: run ./quickstart, which
installs it, or say where it is with --with-flint=PREFIX.])])
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <flint/flint.h>
#if !defined(__FLINT_VERSION) || !defined(__FLINT_VERSION_MINOR)
#error no version
#elif __FLINT_VERSION < $1 || (__FLINT_VERSION == $1 && __FLINT_VERSION_MINOR < $2)
#error too old
#endif
]], [])],
    [],
    [AC_MSG_RESULT([too old])
     AC_MSG_ERROR([this FLINT is too old. Caustic needs FLINT $1.$2 or newer: run ./quickstart, which
installs it, or say where a newer one is with --with-flint=PREFIX.])])
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <flint/flint.h>
#include <flint/gr.h>
#include <flint/fmpz_mpoly_q.h>
#include <flint/arb_hypgeom.h>]],
    [[gr_ctx_t ctx; gr_ctx_init_real_arb(ctx, 64); gr_ctx_clear(ctx);]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([FLINT's headers were found, but a program does not link with $FLINT_LIBS.
config.log says why; --with-flint=PREFIX says where another FLINT is.])])
dnl What has changed since FLINT 3.1. The code is written for the newest; the compatibility header
dnl is put before every file where one of these is not as it is there.
AC_MSG_CHECKING([whether FLINT needs the compatibility header])
CFLAGS="$CFLAGS -Werror=implicit-function-declaration"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <flint/flint.h>
#include <flint/gr.h>
static int write_int(gr_stream_t out) { return gr_stream_write(out, ""); }
static int write_free(gr_stream_t out) { return gr_stream_write_free(out, 0); }]],
    [[flint_rand_t state;
    flint_rand_init(state);
    flint_rand_set_seed(state, 1, 2);
    flint_rand_clear(state);
    return write_int == 0 || write_free == 0;]])],
    [AC_MSG_RESULT([no])],
    [AC_MSG_RESULT([yes])
     CAUSTIC_CFLAGS="$CAUSTIC_CFLAGS -include \$(top_srcdir)/src/flint_compatibility.h"])
CFLAGS=$caustic_saved_CFLAGS
LIBS=$caustic_saved_LIBS

FLINT_PC_CFLAGS=
FLINT_PC_LIBS=
AS_IF([test "x$FLINT_REQUIRES" = x],
    [FLINT_PC_CFLAGS=$FLINT_CFLAGS
     FLINT_PC_LIBS=$FLINT_LIBS])
AC_SUBST([FLINT_REQUIRES])
AC_SUBST([FLINT_PC_CFLAGS])
AC_SUBST([FLINT_PC_LIBS])
])
