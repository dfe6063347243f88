#!/bin/sh
# Starts workerd so that the kernel kills it together with wrangler, even when wrangler is killed with -9:
# an orphaned workerd would hold the port and go on firing alarms. wrangler finds this through MINIFLARE_WORKERD_PATH.
exec setpriv --pdeathsig KILL -- "$MONOTASK_WORKERD" "$@"
