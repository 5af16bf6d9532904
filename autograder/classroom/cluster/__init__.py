"""A class on many machines: submissions are tasks of a Dask cluster, and one gradebook commits what comes of them.

Theory of operation. Four kinds of processes:

    grader  <---- Dask's scheduler ---->  worker  <---- pipe ---->  judge  <---- sandbox ---->  student's process

The grader (`class_run`) holds the gradebook. It lends each submission to a worker (`leases`), and lends it to another
if that worker dies, fails or falls silent; the first result is committed, a second one is dropped. The worker holds no
more than a plugin with its judge (`plugin`). The judge (`judge`) is a fresh process for each run of the grader: it
has the course's checks, the secret cases, and one warm process that forks the students' processes.

What travels is JSON with the bytes of notebooks, recordings and safetensors (`wire`), sealed with a key of the run: so
what a worker spills to its disk, or a scheduler keeps, is not readable. No object of a student's is pickled.
"""
