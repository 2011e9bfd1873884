"""A county's self-assessment tables in the layout of the application forms, as one workbook.

Belongs here: what stands on the five forms and how they are laid out. Does not belong here: any figure (the models have
them), the command line.

Ⅰ basic facts · Ⅱ provincial school standard · Ⅲ balance between schools · Ⅳ work of the government · Ⅴ funding
(教督〔2012〕3号, annexes; 教督〔2017〕6号 for the seven indicators of quality balance).
"""
