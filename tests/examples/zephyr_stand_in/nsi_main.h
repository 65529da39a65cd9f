#pragma once
void nsi_exit(int exit_code);
