/**
 * The parts of Chart.js that these pages use, and no others: the rest never reaches the browser. Everything about a chart that is the same
 * for all of them (fonts, grid, no animation: live numbers must not dance) is set here.
 */
import { BarController, BarElement, CategoryScale, Chart, LinearScale, Tooltip } from 'chart.js';
import { FONTS } from '../theme.ts';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);
Chart.defaults.font.family = FONTS;
Chart.defaults.font.size = 12;
Chart.defaults.animation = false;
// What is pointed at has its column washed; a colour that changed would be the colour of something else.
Chart.defaults.hoverBackgroundColor = (_context, options) => options.backgroundColor as string;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.responsive = true;
Chart.defaults.plugins.tooltip.boxPadding = 4;
Chart.defaults.plugins.tooltip.padding = 10;
Chart.defaults.plugins.tooltip.cornerRadius = 6;

export { Chart };
