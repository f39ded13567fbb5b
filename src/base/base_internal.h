/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#ifndef CAUSTIC_BASE_INTERNAL_H
#define CAUSTIC_BASE_INTERNAL_H

#include <stdarg.h>
#include <caustic/base.h>

void _caustic_text_vprintf(caustic_text_t text, const char * format, va_list arguments)
    CAUSTIC_PRINTF(2, 0);

#endif
