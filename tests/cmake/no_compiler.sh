#!/bin/sh
# Stands in for a compiler that is not here: fails.
exit 1
