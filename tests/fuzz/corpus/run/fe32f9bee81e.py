lambda:  stage: sched   target: cuda
