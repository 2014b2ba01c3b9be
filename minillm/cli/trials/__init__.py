"""What ``minillm benchmark`` and ``minillm compat`` have in common.

options  who is asked, and which file
sample   their ``config``: a commented file
running  a run until its end, Ctrl-C or a full disk
bar      what is seen of it while it lasts
writing  files that are asked for beside the results
"""
