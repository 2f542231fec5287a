// The server gives µPlot's own file under this name.

export { default } from 'uplot';
