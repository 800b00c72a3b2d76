import sched

schedule = sched.scheduler()
for n in (3, 1, 2):
    schedule.enter(n / 100, 1, print, argument=(n,))
schedule.run()
