/** Colours of number plates as the register writes them: values of requests, the same in every language. */
export const PLATE_COLOURS = ['黄', '蓝', '绿', '黄绿双拼', '渐变绿', '黑', '白', '其他'] as const
